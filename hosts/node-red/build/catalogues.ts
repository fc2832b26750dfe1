/** Locale catalogues and help: English from the forms themselves, Norwegian from the translations beside each step. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ConfigForm, type Field, type Form, choicesOf, groupsOf, membersOf } from '../form/form';
import { textId } from '../form/textId';
import { plain } from './plain';

export const languages = ['en-US', 'nb-NO'] as const;
export type Language = (typeof languages)[number];

/** Every text that the dialogs of the forms can show. */
export function textsOf(forms: ReadonlyArray<Form | ConfigForm>): Set<string> {
	const texts = new Set<string>();
	const add = (text: string | undefined) => text && texts.add(text);
	const addField = (field: Field): void => {
		[
			field.displayName,
			field.description,
			field.hint,
			field.placeholder,
			field.typeOptions?.multipleValueButtonText,
		].forEach(add);
		for (const { name, description } of choicesOf(field)) [name, description].forEach(add);
		for (const { displayName, values } of groupsOf(field)) {
			add(displayName);
			values.forEach(addField);
		}
		membersOf(field).forEach(addField);
	};
	for (const form of forms) {
		add(form.title);
		if ('outputs' in form) {
			add(form.description);
			form.outputs.forEach(add);
			Object.values(form.outputsBy?.cases ?? {}).forEach((names) => {
				if (!('rows' in names)) names.forEach(add);
			});
			for (const { title } of form.configs) add(title);
		}
		form.fields.forEach(addField);
	}
	return texts;
}

/** Translations of all steps in one map; the same English text means the same everywhere. */
export async function translations(
	root: string,
	folders: readonly string[],
): Promise<Record<string, string>> {
	const places = ['credentials', 'nodes', ...folders.map((folder) => join('nodes', folder))];
	const all: Record<string, string> = {};
	for (const place of places) {
		const file = join(root, place, 'nb-NO.json');
		if (!existsSync(file)) continue;
		Object.assign(all, JSON.parse(await readFile(file, 'utf8')) as Record<string, string>);
	}
	// The forms here are without the sentence on expressions.
	const short = Object.entries(all).map(([text, said]) => [plain(text), plain(said)]);
	return { ...(Object.fromEntries(short) as Record<string, string>), ...all };
}

export interface Catalogue {
	[id: string]: string | Catalogue;
}

export async function catalogue(
	root: string,
	language: Language,
	texts: Iterable<string>,
	translated: Record<string, string>,
): Promise<Catalogue> {
	const own = JSON.parse(
		await readFile(join(root, 'hosts/node-red/locales', `${language}.json`), 'utf8'),
	) as Catalogue;
	const entries = [...texts]
		.sort()
		.map((text): [string, string | undefined] => [
			textId(text),
			language === 'en-US' ? text : lookUp(translated, text),
		]);
	return {
		...own,
		texts: Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined)),
	};
}

/**
 * A label that Node-RED shortens ("List Name or ID") may be translated in its n8n wording. Examples are Norwegian as they
 * stand; only what leads them in is not.
 */
function lookUp(translated: Record<string, string>, text: string): string | undefined {
	const wordings = [text, `${text} Name or ID`, `${text} Names or IDs`, `${text} API`];
	const found = wordings.map((wording) => translated[wording]).find((one) => one !== undefined);
	return found ?? (text.startsWith('e.g. ') ? text.replace('e.g.', 'f.eks.') : undefined);
}

/** A step's help in Markdown: its own, or the description where none has been written. */
export async function helpOf(root: string, folder: string, language: Language, form: Form): Promise<string> {
	const names = language === 'nb-NO' ? ['help.nb-NO.md', 'help.md'] : ['help.md'];
	for (const name of names) {
		const file = join(root, 'nodes', folder, name);
		if (existsSync(file)) return (await readFile(file, 'utf8')).trim();
	}
	return `${form.description}.`;
}
