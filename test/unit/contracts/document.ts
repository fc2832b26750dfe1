/**
 * A provider's own API document (OpenAPI), as far as it lies beside the project: theirs, not ours to ship. What is sent and
 * answered is held against its schemas.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

const folder = join(__dirname, '../../../../shared/specs');

interface Content {
	content?: Record<string, unknown>;
}
export interface Operation {
	parameters?: Array<{ name: string; in: string }>;
	requestBody?: Content;
	responses: Record<string, Content>;
}

export interface Contract {
	/** What is wrong with a value by a schema of `components.schemas`; empty when nothing is. */
	problems(schema: string, value: unknown): string[];
	/** The same by a schema inside the document, by its {@link pointer}. */
	problemsAt(pointer: string, value: unknown): string[];
	/** The values that a schema of `components.schemas` lists. */
	allowed(schema: string): string[];
	/** By path, then by method in small letters. */
	paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** A place in the document: `pointer('paths', '/self', 'get', 'responses', '200')`. */
export function pointer(...way: Array<string | number>): string {
	return way
		.map((name) => encodeURIComponent(String(name).replaceAll('~', '~0').replaceAll('/', '~1')))
		.join('/');
}

/** Undefined when the document is not there; says so, since nothing is checked then. */
export function contractOf(file: string): Contract | undefined {
	const path = join(folder, file);
	if (!existsSync(path)) {
		console.warn(`Not checked against the provider's own document: it is not at ${path}`);
		return undefined;
	}
	// YAML reads JSON too.
	const document = parse(readFileSync(path, 'utf8')) as {
		components: { schemas: Record<string, { enum?: string[] }> };
		paths: Contract['paths'];
	};
	// Patterns of older documents do not all hold in Unicode mode.
	const ajv = addFormats(new Ajv2020({ strict: false, allErrors: true, unicodeRegExp: false }));
	ajv.addSchema({ ...document, $id: 'document' });
	const problemsAt = (at: string, value: unknown) => {
		const validate = ajv.getSchema(`document#/${at}`) ?? ajv.compile({ $ref: `document#/${at}` });
		return validate(value)
			? []
			: (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
	};
	return {
		problemsAt,
		allowed: (schema) => document.components.schemas[schema]?.enum ?? [],
		problems: (schema, value) => problemsAt(`components/schemas/${schema}`, value),
		paths: document.paths,
	};
}
