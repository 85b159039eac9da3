import { mergeError } from "../merge-error.js";

/** A global name of a pickle, such as `torch._utils _rebuild_tensor_v2`. */
export interface PickleGlobal {
  readonly global: string;
}

/** A reference to data beside the pickle. */
export interface PersistentId {
  readonly persistent: unknown;
}

/** What a call of a global with arguments stands for. */
export interface PickleCall {
  readonly call: string;
  readonly args: readonly unknown[];
}

interface Mark {
  readonly mark: true;
}

/**
 * Reads a pickle as data: dictionaries as Maps, calls as `PickleCall`. Nothing is executed and nothing is imported.
 *
 * @param globals  names that may occur; every other one is refused
 * @throws StrataError for another opcode or global
 */
export function readPickle(bytes: Uint8Array, where: string, globals: ReadonlySet<string>): unknown {
  const machine = new PickleMachine(bytes, where, globals);
  return machine.run();
}

const utf8 = new TextDecoder();

/** The part of the pickle machine that files of weights use. */
class PickleMachine {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #where: string;
  readonly #globals: ReadonlySet<string>;
  readonly #stack: unknown[] = [];
  readonly #memo = new Map<number, unknown>();
  #at = 0;

  constructor(bytes: Uint8Array, where: string, globals: ReadonlySet<string>) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#where = where;
    this.#globals = globals;
  }

  run(): unknown {
    for (;;) {
      const opcode = String.fromCharCode(this.#take(1)[0]);
      if (opcode === ".") return this.#pop();
      this.#step(opcode);
    }
  }

  #step(opcode: string): void {
    const stack = this.#stack;
    switch (opcode) {
      case "\x80":
        this.#take(1);
        return;
      case "\x95":
        this.#take(8);
        return;
      case "c":
        stack.push(this.#global(`${this.#line()} ${this.#line()}`));
        return;
      case "\x93": {
        const name = this.#pop();
        stack.push(this.#global(`${String(this.#pop())} ${String(name)}`));
        return;
      }
      case "q":
        this.#memo.set(this.#take(1)[0], stack.at(-1));
        return;
      case "r":
        this.#memo.set(this.#uint32(), stack.at(-1));
        return;
      case "\x94":
        this.#memo.set(this.#memo.size, stack.at(-1));
        return;
      case "h":
        stack.push(this.#remembered(this.#take(1)[0]));
        return;
      case "j":
        stack.push(this.#remembered(this.#uint32()));
        return;
      case "R": {
        const args = this.#pop();
        stack.push(this.#call(this.#pop(), args));
        return;
      }
      case "Q":
        stack.push({ persistent: this.#pop() } satisfies PersistentId);
        return;
      case "b":
        // The attributes of an OrderedDict or of a parameter: nothing that names or values of tensors depend on.
        this.#pop();
        return;
      default:
        if (!this.#constant(opcode) && !this.#container(opcode))
          throw this.#refuse(`the opcode ${JSON.stringify(opcode)}`);
    }
  }

  #constant(opcode: string): boolean {
    const { length } = this.#stack;
    const push = (value: unknown) => this.#stack.push(value);
    if (opcode === "N") push(null);
    else if (opcode === "\x88") push(true);
    else if (opcode === "\x89") push(false);
    else if (opcode === "K") push(this.#take(1)[0]);
    else if (opcode === "M") push(this.#take(1)[0] + 256 * this.#take(1)[0]);
    else if (opcode === "J") push(this.#uint32() | 0);
    else if (opcode === "\x8a") push(this.#long());
    else if (opcode === "G") push(this.#float());
    else if (opcode === "X") push(utf8.decode(this.#take(this.#uint32())));
    else if (opcode === "\x8c") push(utf8.decode(this.#take(this.#take(1)[0])));
    return this.#stack.length > length;
  }

  #container(opcode: string): boolean {
    const stack = this.#stack;
    if (opcode === "(") stack.push({ mark: true } satisfies Mark);
    else if (opcode === ")") stack.push([]);
    else if (opcode === "]") stack.push([]);
    else if (opcode === "}") stack.push(new Map());
    else if (opcode === "t" || opcode === "l") stack.push(this.#popToMark());
    else if (opcode === "\x85") stack.push(stack.splice(-1));
    else if (opcode === "\x86") stack.push(stack.splice(-2));
    else if (opcode === "\x87") stack.push(stack.splice(-3));
    else if (opcode === "s") this.#set(stack.splice(-2));
    else if (opcode === "u") this.#set(this.#popToMark());
    else if (opcode === "a") this.#append(stack.splice(-1));
    else if (opcode === "e") this.#append(this.#popToMark());
    else return false;
    return true;
  }

  #set(items: readonly unknown[]): void {
    const target = this.#stack.at(-1);
    if (!(target instanceof Map)) throw this.#refuse("members of something that is no dictionary");
    for (let i = 0; i < items.length; i += 2) target.set(items[i], items[i + 1]);
  }

  #append(items: readonly unknown[]): void {
    const target = this.#stack.at(-1);
    if (!Array.isArray(target)) throw this.#refuse("items of something that is no list");
    target.push(...items);
  }

  #call(callee: unknown, args: unknown): unknown {
    const { global } = (callee ?? {}) as Partial<PickleGlobal>;
    if (global === undefined || !Array.isArray(args)) throw this.#refuse("a call of something that is no global");
    return global === "collections OrderedDict" ? new Map() : ({ call: global, args } satisfies PickleCall);
  }

  #global(name: string): PickleGlobal {
    if (this.#globals.has(name)) return { global: name };
    throw this.#refuse(`the global ${name.replace(" ", ".")}`);
  }

  #remembered(index: number): unknown {
    if (!this.#memo.has(index)) throw this.#refuse("a reference to nothing");
    return this.#memo.get(index);
  }

  #popToMark(): unknown[] {
    const from = this.#stack.findLastIndex((value) => (value as Partial<Mark> | null)?.mark === true);
    if (from < 0) throw this.#refuse("a list without its beginning");
    const items = this.#stack.splice(from);
    return items.slice(1);
  }

  #pop(): unknown {
    if (this.#stack.length === 0) throw this.#refuse("fewer values than it uses");
    return this.#stack.pop();
  }

  #take(count: number): Uint8Array {
    if (this.#at + count > this.#bytes.length) throw this.#refuse("its end before STOP");
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  #uint32(): number {
    this.#take(4);
    return this.#view.getUint32(this.#at - 4, true);
  }

  #float(): number {
    this.#take(8);
    return this.#view.getFloat64(this.#at - 8, false);
  }

  #long(): number {
    const bytes = this.#take(this.#take(1)[0]);
    let value = 0n;
    bytes.forEach((byte, i) => (value += BigInt(byte) << BigInt(8 * i)));
    const signed = bytes.length === 0 ? 0n : BigInt.asIntN(8 * bytes.length, value);
    if (signed > BigInt(Number.MAX_SAFE_INTEGER) || signed < BigInt(Number.MIN_SAFE_INTEGER))
      throw this.#refuse("a number beyond 2^53");
    return Number(signed);
  }

  #line(): string {
    const end = this.#bytes.indexOf(10, this.#at);
    if (end < 0) throw this.#refuse("its end before STOP");
    return utf8.decode(this.#take(end + 1 - this.#at)).slice(0, -1);
  }

  #refuse(got: string) {
    const hint =
      "Strata reads tensors from such files and executes nothing. Load the model in transformers and save it " +
      "again: it writes safetensors.";
    return mergeError(this.#where, "a pickle of tensors only", got, hint);
  }
}
