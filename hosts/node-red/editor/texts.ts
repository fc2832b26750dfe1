/** Texts in the editor's language, from the package's locale catalogues; the English text where there is none. */
import { textId } from '../form/textId';
import { red } from './red';

const CATALOGUE = '@member-journeys/node-red/member-journeys';

/** Text of a form, by its English wording. */
export function say(text: string | undefined): string {
	if (!text) return '';
	return looked(`texts.${textId(text)}`) ?? text;
}

/** Text of the editor itself, by id; see `editor` in locales. */
export function editorSay(id: string, values: Record<string, unknown> = {}): string {
	return looked(`editor.${id}`, values) ?? id;
}

function looked(id: string, values?: Record<string, unknown>): string | undefined {
	const found = red._(`${CATALOGUE}:${id}`, values);
	return typeof found === 'string' && found !== '' && !found.endsWith(id) ? found : undefined;
}
