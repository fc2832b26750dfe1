/**
 * Builds the dialogs of all steps and config nodes from their forms. Inlined in the package's HTML as
 * `memberJourneys`; the registrations beside it name type, colour and defaults as literals, as Node-RED's tools expect.
 */
import { outputNames } from '../../../core/outputs';
import { check } from '../form/check';
import { isShown } from '../form/display';
import type { ConfigForm, Form } from '../form/form';
import { type Values, complete } from '../form/values';
import { ask, chosenConfigs } from './ask';
import { type Fields, fieldsOf } from './fields';
import { type EditorNode, red } from './red';
import { editorSay, say } from './texts';

const forms = new Map<string, Form>();
const configForms = new Map<string, ConfigForm>();

export function declare(steps: Form[], configs: ConfigForm[]): void {
	for (const form of steps) forms.set(form.type, form);
	for (const form of configs) configForms.set(form.type, form);
}

export function label(node: EditorNode): string {
	return node.name || title(node.type);
}

export function title(type: string): string {
	return say(forms.get(type)?.title ?? configForms.get(type)?.title ?? type);
}

export function outputLabel(type: string, index: number, params: Values = {}): string {
	const form = forms.get(type);
	return say((form && outputsOf(form, params))?.[index]);
}

function outputsOf({ outputs, outputsBy, fields }: Form, params: Values): string[] {
	return outputsBy ? outputNames(outputsBy, complete(fields, params)) : outputs;
}

/** For the `params` default: true, or what the red triangle tells. */
export function valid(type: string, params: Values | undefined): true | string[] {
	const form = forms.get(type);
	if (!form) return true;
	const found = check(form.fields, params ?? {});
	if (found.length === 0) return true;
	return found.map(
		(one) =>
			`${one.field.map((name) => say(name)).join(' › ')}: ${editorSay(`wrong.${one.what}`, { ...one })}`,
	);
}

let open: Fields | undefined;

export function prepare(node: EditorNode): void {
	const form = forms.get(node.type);
	if (!form) return;
	for (const config of form.configs) {
		$(`label[for="node-input-${config.property}"]`).text(say(config.title));
		// A dropdown is looked up anew once another store or account is chosen.
		$(`#node-input-${config.property}`).on('change', () => open?.refresh());
	}
	open = undefined;
	open = drawn(form, node.params ?? {});
}

function drawn(form: Form, stored: Values): Fields {
	const drawing: { fields?: Fields } = {};
	const root = (): Values => drawing.fields?.read() ?? stored;
	let waiting = false;
	// One refresh for a burst of changes: rows change several values at a time.
	const changed = () => {
		if (waiting) return;
		waiting = true;
		setTimeout(() => {
			waiting = false;
			drawing.fields?.refresh();
			showAccounts(form, root());
		});
	};
	const made = fieldsOf(form.fields, stored, {
		root,
		changed,
		source: () => JSON.stringify(chosenConfigs(form.configs)),
		choices: async (method, beside) =>
			(await ask(`choices/${form.type}/${method}`, {
				params: complete(form.fields, root()),
				row: beside,
				configs: chosenConfigs(form.configs),
			})) as Array<{ name: string; value: string; description?: string }>,
	});
	drawing.fields = made;
	$('#mj-form').empty().append(made.element);
	made.refresh();
	showAccounts(form, root());
	return made;
}

/** Of accounts that belong to a choice in the form, those of the choice that is made. */
function showAccounts({ configs, fields }: Form, entered: Values): void {
	const values = complete(fields, entered);
	for (const { property, displayOptions } of configs) {
		if (!displayOptions) continue;
		$(`#node-input-${property}`)
			.closest('.form-row')
			.toggle(isShown(displayOptions, values, values));
	}
}

export function save(node: EditorNode): void {
	const form = forms.get(node.type);
	// What is saved is what was seen: hidden fields keep nothing.
	if (form && open) node.params = complete(form.fields, open.read());
	// Node-RED draws as many, and takes away the wires of those that are no more.
	if (form?.outputsBy) node.outputs = outputsOf(form, node.params ?? {}).length;
	open = undefined;
}

export function close(): void {
	open = undefined;
}

/** The button of a step that people can be started from. */
export function start(node: EditorNode): void {
	void ask(`start/${encodeURIComponent(node.id)}`, {}).then(
		(answer) =>
			red.notify(
				editorSay('started', { n: (answer as { started: number }).started, step: label(node) }),
				'success',
			),
		(cause: unknown) => red.notify(cause instanceof Error ? cause.message : String(cause), 'error'),
	);
}

let openConfig: Fields | undefined;

export function prepareConfig(node: EditorNode): void {
	const form = configForms.get(node.type);
	if (!form) return;
	const stored: Values = {};
	for (const field of form.fields) {
		const kept = node.credentials?.[`has_${field.name}`] === true;
		stored[field.name] = field.typeOptions?.password
			? kept
				? '__PWRD__'
				: (node.credentials?.[field.name] ?? '')
			: node[field.name];
	}
	const made: Fields = fieldsOf(
		form.fields,
		stored,
		{
			root: () => openConfig?.read() ?? stored,
			changed: () => made.refresh(),
			source: () => '',
			idPrefix: 'node-config-input-',
			choices: async () => [],
		},
		false,
	);
	openConfig = made;
	const told = $('<span class="mj-told">');
	const test = $('<button type="button" class="red-ui-button">').text(editorSay('test'));
	test.on('click', () => {
		told.removeClass('mj-refused mj-fine').text(editorSay('testing'));
		void ask(`test/${node.type}/${encodeURIComponent(node.id)}`, made.read()).then(
			() => told.addClass('mj-fine').text(editorSay('works')),
			(cause: unknown) =>
				told.addClass('mj-refused').text(cause instanceof Error ? cause.message : String(cause)),
		);
	});
	$('#mj-config-form').empty().append(made.element, $('<div class="mj-test">').append(test, told));
	made.refresh();
}

export function closeConfig(): void {
	openConfig = undefined;
}
