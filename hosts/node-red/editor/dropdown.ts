/** Dropdowns and checkbox lists, with fixed choices or with those that the step looks up. */
import { isShown } from '../form/display';
import { type Field, type FieldOption, choicesOf } from '../form/form';
import type { Control, Scope } from './control';
import { type Frame, frameFor } from './frame';
import { editorSay, say } from './texts';

interface Shown {
	name: string;
	value: string | number | boolean;
	description?: string;
}

/** Keeps a list of choices up to date with what it depends on, and says when it cannot be had. */
function choiceSource(field: Field, scope: Scope, show: (choices: Shown[]) => void, frame: () => Frame) {
	const method = field.typeOptions?.loadOptionsMethod;
	let askedWith: string | undefined;
	let latest = 0;
	const load = async () => {
		const mine = ++latest;
		const state = $('<div class="mj-state">').append(
			$('<i class="fa fa-spinner fa-spin">'),
			$('<span>').text(editorSay('loading')),
		);
		frame().element.find('.mj-state').remove();
		frame().element.append(state);
		try {
			const found = await scope.choices(method ?? '', scope.beside());
			if (mine !== latest) return;
			show(found);
			state.remove();
			if (found.length === 0)
				frame().element.append($('<div class="mj-state">').text(editorSay('noChoices')));
		} catch (cause) {
			if (mine !== latest) return;
			show([]);
			const again = $('<a href="#">').text(editorSay('again'));
			again.on('click', (event) => {
				event.preventDefault();
				void load();
			});
			const text = cause instanceof Error ? cause.message : String(cause);
			state
				.addClass('mj-refused')
				.empty()
				.append($('<i class="fa fa-exclamation-triangle">'), $('<span>').text(text), again);
		}
	};
	return {
		refresh() {
			if (!method) return show(fixedChoices(field, scope));
			const depends = dependencies(field, scope);
			if (depends === askedWith) return;
			askedWith = depends;
			void load();
		},
	};
}

const fixedChoices = (field: Field, scope: Scope): Shown[] =>
	choicesOf(field)
		.filter(({ displayOptions }) => isShown(displayOptions, scope.beside(), scope.root()))
		.map(({ name, value, description }: FieldOption) => ({
			name: say(name),
			value,
			description: say(description),
		}));

function dependencies(field: Field, scope: Scope): string {
	const names = field.typeOptions?.loadOptionsDependsOn ?? [];
	return JSON.stringify([scope.source(), ...names.map((name) => depended(name, scope))]);
}

/** `&field` is beside the dropdown, a path otherwise begins at the top of the form. */
function depended(name: string, scope: Scope): unknown {
	const path = name.replace(/^[&/]/, '').split('.');
	const beside = scope.beside()[path.at(-1) ?? ''];
	if (beside !== undefined) return beside;
	return path.reduce<unknown>(
		(found, part) => (found as Record<string, unknown> | undefined)?.[part],
		scope.root(),
	);
}

export function dropdown(field: Field, value: unknown, scope: Scope): Control {
	const select = $('<select class="mj-input">');
	const frame = frameFor(field, select, scope);
	let current: unknown = value;
	let listed: Shown[] = [];
	const show = (choices: Shown[]) => {
		if (JSON.stringify(choices) === JSON.stringify(listed) && select.children().length > 0) return explain();
		listed = choices;
		select.empty();
		const known = choices.some((choice) => choice.value === current);
		if (!known) {
			const none = current === '' || current === undefined || current === null;
			select.append(
				$('<option>')
					.val('')
					.text(none ? editorSay('choose') : String(current)),
			);
		}
		for (const choice of choices) select.append($('<option>').val(String(choice.value)).text(choice.name));
		select.val(known ? String(current) : '');
		explain();
	};
	const explain = () => frame.hint(listed.find((choice) => choice.value === current)?.description ?? '');
	const source = choiceSource(field, scope, show, () => frame);
	select.on('change', () => {
		const picked = listed.find(({ value }) => String(value) === select.val());
		if (picked) current = picked.value;
		explain();
		scope.changed();
	});
	return { field, element: frame.element, read: () => current, refresh: source.refresh };
}

export function checkboxes(field: Field, value: unknown, scope: Scope): Control {
	const list = $('<div class="mj-checks">');
	const frame = frameFor(field, list, { labelFor: false });
	let current: unknown[] = Array.isArray(value) ? [...(value as unknown[])] : [];
	let listed: Shown[] | undefined;
	const show = (choices: Shown[]) => {
		if (JSON.stringify(choices) === JSON.stringify(listed)) return;
		listed = choices;
		list.empty();
		// A choice that has gone from the register stays ticked and visible until somebody unticks it.
		const gone = current.filter((one) => !choices.some((choice) => choice.value === one));
		const all = [
			...choices,
			...gone.map((one) => ({ name: String(one), value: one as string, description: undefined })),
		];
		for (const choice of all) {
			const box = $('<input type="checkbox">').prop('checked', current.includes(choice.value));
			box.on('change', () => {
				current = current.filter((one) => one !== choice.value);
				if (box.prop('checked')) current.push(choice.value);
				const order = all.map((one) => one.value as unknown);
				current.sort((a, b) => order.indexOf(a) - order.indexOf(b));
				scope.changed();
			});
			list.append(
				$('<label>')
					.attr('title', choice.description ?? '')
					.append(box, $('<span>').text(choice.name)),
			);
		}
	};
	const source = choiceSource(field, scope, show, () => frame);
	return { field, element: frame.element, read: () => current, refresh: source.refresh };
}
