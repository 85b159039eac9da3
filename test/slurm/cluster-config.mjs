// The files of a private cluster of one node.
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";

/** Devices that pretend to be GPUs. Slurm needs character devices; these exist in every container. */
const pretendDevices = ["null", "zero", "full", "random"];

/** Writes the configuration and the key of munge. Nothing of the system's Slurm or munge is read or changed. */
export function writeClusterFiles(folder, host, ports, settings) {
  for (const name of ["state", "spool", "log", "munge"]) mkdirSync(join(folder, name), { recursive: true });
  chmodSync(folder, 0o755);
  chmodSync(join(folder, "munge"), 0o700);
  const key = join(folder, "munge/key");
  if (!existsSync(key)) writeFileSync(key, randomBytes(1024), { mode: 0o400 });
  writeFileSync(join(folder, "cgroup.conf"), "CgroupAutomount=no\n");
  const devices = pretendDevices.slice(0, settings.gpus);
  writeFileSync(
    join(folder, "gres.conf"),
    devices.map((name) => `NodeName=${host} Name=gpu Type=fake File=/dev/${name}\n`).join(""),
  );
  writeFileSync(join(folder, "slurm.conf"), slurmConf(folder, host, ports, settings));
}

function slurmConf(folder, host, ports, { cpus, gpus, memoryMegabytes, killWaitSeconds, maxJobs, minJobAgeSeconds }) {
  const user = userInfo().username;
  const gres = gpus > 0 ? ` Gres=gpu:fake:${gpus}` : "";
  return `ClusterName=strata-test
SlurmctldHost=${host}(127.0.0.1)
SlurmUser=${user}
SlurmdUser=${user}
AuthType=auth/munge
AuthInfo=socket=${folder}/munge/socket
CredType=cred/munge
SlurmctldPort=${ports.slurmctld}
SlurmdPort=${ports.slurmd}
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldLogFile=${folder}/log/slurmctld.log
SlurmdLogFile=${folder}/log/slurmd.log
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=5
SwitchType=switch/none
ReturnToService=2
SlurmdTimeout=300
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
GresTypes=gpu
MaxArraySize=1001
MaxJobCount=${maxJobs}
MinJobAge=${minJobAgeSeconds}
KillWait=${killWaitSeconds}
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=${folder}/log/jobcomp.log
NodeName=${host} NodeAddr=127.0.0.1 CPUs=${cpus} Boards=1 SocketsPerBoard=1 CoresPerSocket=${cpus} \
ThreadsPerCore=1 RealMemory=${memoryMegabytes}${gres} State=UNKNOWN
PartitionName=main Nodes=${host} Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
`;
}
