/** The editor's half of the package: one HTML with the dialogs' code, templates and registrations. */
import { build } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConfigForm, Form } from '../form/form';

/** Palette colours by what a step is about: the journey itself, people, what goes out, what comes back. */
const colours: Record<string, string> = {
	journey: '#5B9A8B',
	people: '#D99A5B',
	link: '#5C8FC7',
	make: '#9A7BBF',
};
const about: Record<string, keyof typeof colours> = {
	segment: 'people',
	person: 'people',
	linkConversation: 'link',
	linkPayment: 'link',
	linkSms: 'link',
	linkTrigger: 'link',
	makeNewsletter: 'make',
	makeTrigger: 'make',
};
export const CATEGORY = 'member journeys';

export async function editorHtml(
	root: string,
	forms: Form[],
	configs: ConfigForm[],
	help: Map<string, string>,
): Promise<string> {
	const script = await build({
		entryPoints: [join(root, 'hosts/node-red/editor/index.ts')],
		bundle: true,
		write: false,
		format: 'iife',
		globalName: 'memberJourneys',
		target: 'es2020',
		charset: 'utf8',
		logLevel: 'warning',
	});
	const style = await readFile(join(root, 'hosts/node-red/editor/editor.css'), 'utf8');
	return [
		`<style>\n${style}</style>`,
		scriptOf(script.outputFiles[0]?.text ?? ''),
		scriptOf(`memberJourneys.declare(${JSON.stringify(forms)}, ${JSON.stringify(configs)});`),
		...configs.map(configHtml),
		...forms.map(stepHtml),
		helpHtml(help),
	].join('\n\n');
}

export function helpHtml(help: Map<string, string>): string {
	return [...help]
		.map(([type, text]) => `<script type="text/markdown" data-help-name="${type}">\n${text}\n</script>`)
		.join('\n\n');
}

/** Nothing inside may end the element. */
const scriptOf = (code: string) =>
	`<script type="text/javascript">\n${code.replace(/<\/(script)/gi, '<\\/$1').replace(/<!--/g, '<\\!--')}\n</script>`;

function stepHtml(form: Form): string {
	const type = JSON.stringify(form.type);
	const defaults = [
		`name: { value: "" }`,
		...form.configs.map(
			({ property, type: config, required }) =>
				`${property}: { value: "", type: "${config}", required: ${String(required)} }`,
		),
		`params: { value: {}, validate: function (value) { return memberJourneys.valid(${type}, value); } }`,
	];
	if (form.outputsBy) defaults.push(`outputs: { value: ${form.outputs.length} }`);
	const rows = [
		row('name', 'tag', 'Name'),
		...form.configs.map(({ property, title }) =>
			row(property, property === 'store' ? 'database' : 'plug', title),
		),
		'<div id="mj-form" class="mj-form"></div>',
	];
	return `<script type="text/html" data-template-name="${form.type}">
	${rows.join('\n\t')}
</script>
${scriptOf(`RED.nodes.registerType(${type}, {
	category: "${CATEGORY}",
	color: "${colours[about[form.step] ?? 'journey']}",
	defaults: {
		${defaults.join(',\n\t\t')}
	},
	inputs: ${form.inputs},
	outputs: ${form.outputs.length},
	icon: "${form.type}.svg",
	label: function () { return memberJourneys.label(this); },
	labelStyle: function () { return this.name ? "node_label_italic" : ""; },
	paletteLabel: function () { return memberJourneys.title(${type}); },
	outputLabels: function (index) { return memberJourneys.outputLabel(${type}, index, this.params); },
	oneditprepare: function () { memberJourneys.prepare(this); },
	oneditsave: function () { memberJourneys.save(this); },
	oneditcancel: function () { memberJourneys.close(); }${form.button ? button() : ''}
});`)}`;
}

const button = () => `,
	button: {
		enabled: function () { return !this.changed; },
		onclick: function () { memberJourneys.start(this); }
	}`;

function configHtml(form: ConfigForm): string {
	const secrets = form.fields.filter(({ typeOptions }) => typeOptions?.password);
	const open = form.fields.filter((field) => field.type !== 'notice' && !field.typeOptions?.password);
	const defaults = [
		`name: { value: "" }`,
		...open.map(
			(field) =>
				`${field.name}: { value: ${JSON.stringify(field.default ?? '')}, required: ${String(field.required === true && !field.displayOptions)} }`,
		),
	];
	return `<script type="text/html" data-template-name="${form.type}">
	${row('name', 'tag', 'Name', 'config-')}
	<div id="mj-config-form" class="mj-form"></div>
</script>
${scriptOf(`RED.nodes.registerType("${form.type}", {
	category: "config",
	defaults: {
		${defaults.join(',\n\t\t')}
	},
	credentials: {
		${secrets.map(({ name }) => `${name}: { type: "password" }`).join(',\n\t\t')}
	},
	label: function () { return memberJourneys.label(this); },
	oneditprepare: function () { memberJourneys.prepareConfig(this); },
	oneditsave: function () { memberJourneys.closeConfig(); },
	oneditcancel: function () { memberJourneys.closeConfig(); }
});`)}`;
}

function row(name: string, icon: string, label: string, prefix = ''): string {
	const id = `node-${prefix}input-${name}`;
	const text = name === 'name' ? ' data-i18n="editor.name"' : '';
	return `<div class="form-row" data-row="${name}"><label for="${id}"><i class="fa fa-${icon}"></i> <span${text}>${label}</span></label> <input type="text" id="${id}"></div>`;
}
