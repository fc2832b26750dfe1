/** Holds all that goes over the wire against a provider's own document. */
import type { Http } from '../../../core/ports';
import { type Contract, pointer } from './document';

export interface Watched {
	/** The same Http, watched. */
	http: Http;
	/** What did not hold, each in a line. */
	broken: string[];
	/** `POST /sms/v1/messages`: the operations that were asked. */
	asked: Set<string>;
}

/** All operations of the document, as `POST /sms/v1/messages`. */
export function operationsOf({ paths }: Contract): string[] {
	return Object.entries(paths).flatMap(([path, methods]) =>
		Object.keys(methods)
			.filter((method) => method !== 'parameters')
			.map((method) => `${method.toUpperCase()} ${path}`),
	);
}

/** @param root where the API of the document is reached */
export function watched(contract: Contract, root: string, http: Http): Watched {
	const { paths, problemsAt } = contract;
	const broken: string[] = [];
	const asked = new Set<string>();
	/** Tokens are asked for at the same host, and are not in the document. */
	const folders = new Set(Object.keys(paths).map((path) => path.split('/')[1]));

	const find = (method: string, path: string) => {
		for (const [template, methods] of Object.entries(paths)) {
			const pattern = new RegExp(`^${template.replace(/\{[^}]+\}/g, '([^/]+)')}$`);
			const operation = methods[method.toLowerCase()];
			const match = operation && pattern.exec(path);
			if (match) return { template, operation, inPath: match.slice(1).map(decodeURIComponent) };
		}
		return undefined;
	};
	const json = ['content', 'application/json', 'schema'];
	const bodyProblems = (described: boolean, at: string, body: unknown) =>
		described ? problemsAt(at, body) : body ? ['has a body'] : [];

	return {
		broken,
		asked,
		http: async (request) => {
			const answer = await http(request);
			const path = request.url.startsWith(`${root}/`) ? request.url.slice(root.length) : '';
			if (!folders.has(path.split('/')[1])) return answer;
			const found = find(request.method, path);
			const name = `${request.method} ${found?.template ?? path}`;
			const say = (where: string, problems: string[]) =>
				broken.push(...problems.map((problem) => `${name} ${where}: ${problem}`));
			if (!found) {
				say('', ['not in the document']);
				return answer;
			}
			asked.add(name);
			const { template, operation, inPath } = found;
			const at = (...way: Array<string | number>) =>
				pointer('paths', template, request.method.toLowerCase(), ...way);
			const parameters = (operation.parameters ?? []).map((one, place) => ({
				...one,
				problems: (value: unknown) => problemsAt(at('parameters', place, 'schema'), value),
			}));
			for (const [key, value] of Object.entries(request.query ?? {})) {
				const known = parameters.find((one) => one.in === 'query' && one.name === key);
				say(`query ${key}`, known ? known.problems(value) : ['not in the document']);
			}
			parameters
				.filter((one) => one.in === 'path')
				.forEach((one, place) => say(`path ${one.name}`, one.problems(inPath[place])));
			const { requestBody, responses } = operation;
			// A request that is meant to be refused tells nothing of us.
			if (answer.status !== 400)
				say('request', bodyProblems(!!requestBody, at('requestBody', ...json), request.json));
			const told = responses[answer.status];
			const described = told?.content?.['application/json'] !== undefined;
			say(
				`${answer.status}`,
				told
					? bodyProblems(described, at('responses', answer.status, ...json), answer.body)
					: ['not in the document'],
			);
			return answer;
		},
	};
}
