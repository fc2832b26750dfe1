/** The keys of the review page, pressed on what stands on the page. */
import { runInNewContext } from 'node:vm';
import { keys } from '../../../nodes/IdentifyGiver/keys';

interface Press {
	key: string;
	target?: unknown;
	ctrlKey?: boolean;
	repeat?: boolean;
}

/** As much of a browser as the script asks for. */
function browser(marked: Record<string, { text?: boolean }>, rows = 0) {
	const done: string[] = [];
	class Element {
		constructor(
			readonly name: string,
			readonly text = false,
		) {}
		click() {
			done.push(`click ${this.name}`);
		}
		focus() {
			done.push(`focus ${this.name}`);
			document.activeElement = this;
		}
		blur() {
			done.push('blur');
		}
		matches() {
			return this.text;
		}
		closest() {
			return this.text ? this : null;
		}
	}
	const elements = new Map(
		Object.entries(marked).map(([key, { text }]) => [key, new Element(key, text ?? false)]),
	);
	const list = Array.from({ length: rows }, (_, n) => new Element(`row ${n}`));
	const heard: Record<string, (event: object) => void> = {};
	const document = {
		activeElement: undefined as Element | undefined,
		addEventListener: (kind: string, listener: (event: object) => void) => void (heard[kind] = listener),
		querySelector: (selector: string) => elements.get(/data-key="(.)"/.exec(selector)?.[1] ?? '') ?? null,
		querySelectorAll: () => list,
	};
	const addEventListener = (kind: string, listener: (event: object) => void) => void (heard[kind] = listener);
	runInNewContext(keys, { document, addEventListener, Element });
	let prevented = 0;
	const preventDefault = () => void (prevented += 1);
	return {
		done,
		field: new Element('field', true),
		press: (press: Press) => heard.keydown?.({ target: undefined, preventDefault, ...press }),
		submit: () => {
			const before = prevented;
			heard.submit?.({ preventDefault });
			return prevented === before;
		},
	};
}

describe('The keys of the review page', () => {
	test('a key presses what shows it, whatever the case; other keys and shortcuts do nothing', () => {
		const page = browser({ '1': {}, r: {}, j: {} });
		for (const key of ['1', 'R', 'j', 'x', 'Enter', '"]', '*']) page.press({ key });
		page.press({ key: 'r', ctrlKey: true });
		page.press({ key: 'r', repeat: true });
		expect(page.done).toEqual(['click 1', 'click r', 'click j']);
	});

	test('who is writing writes; Escape leaves the field, and / goes to the search', () => {
		const page = browser({ r: {}, '/': { text: true } });
		page.press({ key: 'r', target: page.field });
		page.press({ key: 'Escape', target: page.field });
		page.press({ key: '/' });
		expect(page.done).toEqual(['blur', 'focus /']);
	});

	test('j and k go through the rows of a list, and stay inside it', () => {
		const page = browser({}, 3);
		for (const key of ['j', 'j', 'j', 'j', 'k']) page.press({ key });
		expect(page.done).toEqual(['focus row 0', 'focus row 1', 'focus row 2', 'focus row 2', 'focus row 1']);
	});

	test('a form is sent once, however often the key is pressed', () => {
		const page = browser({});
		expect([page.submit(), page.submit()]).toEqual([true, false]);
	});
});
