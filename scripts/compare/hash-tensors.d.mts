export function hashTensors(path: string): string;
