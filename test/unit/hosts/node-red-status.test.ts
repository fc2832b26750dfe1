/** The mark under a node says what is counted, in the editor's language and in twenty letters at most. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Node, NodeAPI, NodeStatus } from 'node-red';
import { statusOf } from '../../../hosts/node-red/runtime/status';

function marked(language: string) {
	const file = join(__dirname, '../../../hosts/node-red/locales', `${language}.json`);
	const texts = JSON.parse(readFileSync(file, 'utf8')) as { status: Record<string, string> };
	let shown: NodeStatus | '' | undefined;
	const RED = {
		_: (id: string, { n }: { n: string }) => texts.status[id.split('.')[1] ?? '']?.replace('__n__', n),
	};
	const node = { status: (mark: NodeStatus | '') => (shown = mark), wires: [] };
	const status = statusOf(RED as unknown as NodeAPI, node as unknown as Node);
	return { status, text: () => (typeof shown === 'object' ? shown.text : undefined) };
}

test.each([
	[
		'en-US',
		['12.3k new events', '12.3k people', '12.3k people judged', '12.3k enrolled', '12.3k subscribers'],
	],
	['nb-NO', ['12.3k nye hendelser', '12.3k personer', '12.3k vurdert', '12.3k startet', '12.3k abonnenter']],
])('%s: what is counted has its words', (language, words) => {
	const { status, text } = marked(language);
	const shown = ['new events', 'people listed', 'people judged', 'enrolled', 'subscribers'].map((what) => {
		status.working(12_345, undefined, what);
		return text();
	});
	expect(shown).toEqual(words);
});

test('of a known number it says how far it is', () => {
	const { status, text } = marked('en-US');
	status.working(1_000, 20_000, 'synced');
	expect(text()).toBe('1000 / 20.0k');
});
