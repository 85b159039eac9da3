import { checkData } from "../../../run/detach-run.js";
import { locatePlans } from "./locate-plan.js";

/** Checks that the data of a run, which are ready, are enough for its trainings. @param folder  of the run */
export async function checkCommand(folder: string): Promise<void> {
  const { plans, store } = await locatePlans(folder, { set: [] });
  checkData(
    store,
    plans.map((plan) => ({ plan })),
  );
  process.stdout.write("The data are enough.\n");
}
