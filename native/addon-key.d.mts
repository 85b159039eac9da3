export function sourcesKey(): string;
export function addonKey(compiler: string): string | null;
