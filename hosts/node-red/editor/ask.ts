/** Questions to the runtime. Relative addresses: the editor may live under any path. */
import { red, type EditorNode } from './red';
import type { FormConfig } from '../form/form';
import type { Values } from '../form/values';
import { editorSay } from './texts';

export async function ask(path: string, body: unknown): Promise<unknown> {
	return await new Promise((resolve, reject) => {
		// $.ajax, because the editor adds its own access token to it.
		$.ajax({
			url: `member-journeys/${path}`,
			method: 'POST',
			contentType: 'application/json',
			data: JSON.stringify(body),
		})
			.done(resolve)
			.fail((answer: JQuery.jqXHR) => {
				const told = (answer.responseJSON as { message?: unknown } | undefined)?.message;
				reject(
					new Error(
						typeof told === 'string' ? told : editorSay(answer.status === 401 ? 'notAllowed' : 'noAnswer'),
					),
				);
			});
	});
}

/** The config nodes a step's dialog names at this moment, with what has been entered and not been deployed yet. */
export function chosenConfigs(
	configs: readonly FormConfig[],
): Record<string, { id: string; values: Values }> {
	const chosen: Record<string, { id: string; values: Values }> = {};
	for (const { type, property } of configs) {
		const id = String($(`#node-input-${property}`).val() ?? '');
		const node = id && id !== '_ADD_' ? (red.nodes.node(id) as EditorNode | null) : null;
		if (node) chosen[type] = { id, values: enteredIn(node) };
	}
	return chosen;
}

function enteredIn(node: EditorNode): Values {
	const names = Object.keys(node._def.defaults);
	return { ...Object.fromEntries(names.map((name) => [name, node[name]])), ...secretsOf(node) };
}

/** The editor never gets secrets back: only those typed in since the last deploy are here. */
function secretsOf(node: EditorNode): Values {
	const names = Object.keys(node._def.credentials ?? {});
	const typed = names.filter(
		(name) => node.credentials?.[name] !== undefined && node.credentials[name] !== '',
	);
	return Object.fromEntries(typed.map((name) => [name, node.credentials?.[name]]));
}
