/** Holds what goes over the wire against a provider's own OpenAPI document, where that lies beside the project. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import type { Http } from '../../../core/ports';

/** Providers' documents are not ours to ship: undefined when it is not there. */
export function specFile(name: string): string | undefined {
	const file = join(__dirname, '../../../../shared/specs', name);
	return existsSync(file) ? file : undefined;
}

interface Operation {
	parameters?: Array<{ name: string; in: string; schema: object }>;
	requestBody?: { content: Record<string, { schema: object }> };
	responses: Record<string, { content?: Record<string, { schema: object }> }>;
}

export interface Contract {
	/** The same Http, watched. */
	watch(http: Http): Http;
	/** What did not hold, each in a line. */
	broken: string[];
	/** `POST /sms/v1/messages 202`: what has been seen, each once. */
	seen: Set<string>;
	/** All operations of the document, as `POST /sms/v1/messages`. */
	operations: string[];
	/** What a value lacks to be of this schema of the document. */
	lacks(schema: string, value: unknown): string[];
}

/** @param root where the API of the document is reached */
export function contractWith(file: string, root: string): Contract {
	const document = JSON.parse(readFileSync(file, 'utf8')) as {
		paths: Record<string, Record<string, Operation>>;
		components: object;
	};
	const ajv = addFormats(new Ajv({ strict: false, allErrors: true, unicodeRegExp: false }));
	ajv.addSchema({ $id: 'spec', components: document.components });
	const lacksOf = (schema: object, value: unknown): string[] => {
		const text = JSON.stringify(schema).replaceAll('"#/components/', '"spec#/components/');
		const validate = ajv.compile(JSON.parse(text));
		return validate(value)
			? []
			: (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
	};
	const broken: string[] = [];
	const seen = new Set<string>();
	const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
		Object.keys(methods)
			.filter((method) => method !== 'parameters')
			.map((method) => `${method.toUpperCase()} ${path}`),
	);

	const find = (method: string, path: string) => {
		for (const [template, methods] of Object.entries(document.paths)) {
			const pattern = new RegExp(`^${template.replace(/\{[^}]+\}/g, '([^/]+)')}$`);
			const found = methods[method.toLowerCase()];
			const match = found && pattern.exec(path);
			if (match) return { template, operation: found, inPath: match.slice(1).map(decodeURIComponent) };
		}
		return undefined;
	};

	/** Tokens are asked for at the same host, and are not in the document. */
	const folders = new Set(Object.keys(document.paths).map((path) => path.split('/')[1]));

	return {
		broken,
		seen,
		operations,
		lacks: (schema, value) => lacksOf({ $ref: `#/components/schemas/${schema}` }, value),
		watch: (http) => async (request) => {
			const answer = await http(request);
			const path = request.url.startsWith(`${root}/`) ? request.url.slice(root.length) : '';
			if (!folders.has(path.split('/')[1])) return answer;
			const found = find(request.method, path);
			const name = `${request.method} ${found?.template ?? path}`;
			const say = (where: string, lacks: string[]) =>
				broken.push(...lacks.map((lack) => `${name} ${where}: ${lack}`));
			if (!found) {
				broken.push(`${name}: not in the document`);
				return answer;
			}
			const { operation, inPath } = found;
			const parameters = operation.parameters ?? [];
			for (const [key, value] of Object.entries(request.query ?? {})) {
				const known = parameters.find((one) => one.in === 'query' && one.name === key);
				say(`query ${key}`, known ? lacksOf(known.schema, value) : ['not in the document']);
			}
			parameters
				.filter((one) => one.in === 'path')
				.forEach((one, place) => say(`path ${one.name}`, lacksOf(one.schema, inPath[place])));
			// A request that is meant to be refused tells nothing of us.
			const body = operation.requestBody?.content['application/json']?.schema;
			if (answer.status !== 400)
				say('request', body ? lacksOf(body, request.json) : request.json === undefined ? [] : ['has a body']);
			const told = operation.responses[String(answer.status)];
			seen.add(`${name} ${answer.status}`);
			if (!told) say(`${answer.status}`, ['not in the document']);
			else {
				const schema = told.content?.['application/json']?.schema;
				say(`${answer.status}`, schema ? lacksOf(schema, answer.body) : answer.body ? ['has a body'] : []);
			}
			return answer;
		},
	};
}
