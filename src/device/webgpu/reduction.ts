/**
 * Declares `reduce_NAME(value, lane)`: combines one value of each invocation, always in the same order; all invocations
 * get the result.
 *
 * @param threads   of the workgroup, a power of two
 * @param combined  the expression that combines a and b
 */
export function reduction(name: string, threads: number, combined: string, type = "f32"): string {
  return `
var<workgroup> reduced_${name}: array<${type}, ${threads}>;
fn reduce_${name}(value: ${type}, lane: u32) -> ${type} {
  reduced_${name}[lane] = value;
  workgroupBarrier();
  for (var width = ${threads / 2}u; width > 0u; width >>= 1u) {
    if (lane < width) {
      let a = reduced_${name}[lane];
      let b = reduced_${name}[lane + width];
      reduced_${name}[lane] = ${combined};
    }
    workgroupBarrier();
  }
  let result = reduced_${name}[0];
  workgroupBarrier();
  return result;
}`;
}
