/** The classes that stand in `nodes/` and `credentials/`, in the order of their paths. */
import { globSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ICredentialType, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { root } from './unpacked';

interface Declared {
	className: string;
	/** From the root: `nodes/WaitForGoal`. */
	folder: string;
	name: string;
}

export async function declared(): Promise<{
	nodes: Array<Declared & { description: INodeTypeDescription }>;
	credentials: Array<Declared & { credential: ICredentialType }>;
}> {
	const nodes = (await instances<INodeType>('nodes/*/*.node.ts')).map(({ instance, ...rest }) => ({
		...rest,
		name: instance.description.name,
		// Every step is one version: a plain INodeType, never INodeType with versions.
		description: instance.description,
	}));
	const credentials = (await instances<ICredentialType>('credentials/*.credentials.ts')).map(
		({ instance, ...rest }) => ({ ...rest, name: instance.name, credential: instance }),
	);
	return { nodes, credentials };
}

async function instances<T>(
	pattern: string,
): Promise<Array<{ className: string; folder: string; instance: T }>> {
	const found = [];
	for (const file of globSync(pattern, { cwd: root }).sort()) {
		const className = basename(file).split('.')[0] ?? '';
		const exported = (await import(join(root, file))) as Record<string, new () => T>;
		const Class = exported[className];
		if (!Class) throw new Error(`${file} exports no class ${className}`);
		found.push({ className, folder: dirname(file), instance: new Class() });
	}
	return found;
}
