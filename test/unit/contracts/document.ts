/**
 * A provider's own API document, as far as it lies beside the project: theirs, not ours to ship. What is sent and answered
 * is held against its schemas.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

const folder = join(__dirname, '../../../../shared/specs');

export interface Contract {
	/** What is wrong with a value by a schema of `components.schemas`; empty when nothing is. */
	problems(schema: string, value: unknown): string[];
	/** The same by a schema inside the document, e.g. `paths/~1self/get/responses/200/content/application~1json/schema`. */
	problemsAt(pointer: string, value: unknown): string[];
	/** The values that a schema of `components.schemas` lists. */
	allowed(schema: string): string[];
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
	};
	// Patterns of older documents do not all hold in Unicode mode.
	const ajv = addFormats(new Ajv2020({ strict: false, allErrors: true, unicodeRegExp: false }));
	ajv.addSchema({ ...document, $id: 'document' });
	const problemsAt = (pointer: string, value: unknown) => {
		const validate = ajv.compile({ $ref: `document#/${pointer}` });
		return validate(value)
			? []
			: (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
	};
	return {
		problemsAt,
		allowed: (schema) => document.components.schemas[schema]?.enum ?? [],
		problems: (schema, value) => problemsAt(`components/schemas/${schema}`, value),
	};
}
