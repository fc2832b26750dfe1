/**
 * Writes `dist-node-red/`, the package `@member-journeys/node-red`: one bundle for the runtime, one HTML for the
 * editor, icons, locale catalogues and examples.
 */
import { build } from 'esbuild';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundling, carryFiles } from '../../n8n/build/n8nPackage';
import { licencesOf } from '../../n8n/build/licences';
import type { CredentialName } from '../../../core/step';
import type { ConfigForm, Form } from '../form/form';
import { catalogue, helpOf, languages, textsOf, translations } from './catalogues';
import { type Described, describe } from './describe';
import { examplesOf } from './examples';
import { configFormOf, formOf } from './forms';
import { editorHtml, helpHtml } from './html';

export const PACKAGE_NAME = '@member-journeys/node-red';
/** Base name of the runtime, the HTML and the catalogues: Node-RED finds each by the others' name. */
const SET = 'member-journeys';

export async function buildNodeRed(root: string, outDir = join(root, 'dist-node-red')): Promise<void> {
	const described = await describe(root);
	const modules = await stepModules(root, described);
	const forms = described.nodes.map(({ folder, description }) =>
		formOf(description, described.credentials, modules.get(folder)?.startNow === true),
	);
	const folders = new Map(described.nodes.map(({ folder }, index) => [forms[index]?.type ?? '', folder]));
	const configs = described.credentials.map(configFormOf);

	await rm(outDir, { recursive: true, force: true });
	const dist = join(outDir, 'dist');
	await mkdir(join(dist, 'icons'), { recursive: true });
	await mkdir(join(outDir, 'examples'), { recursive: true });

	const [bundle, worker] = await Promise.all([
		build({
			...bundling,
			stdin: {
				contents: entry(forms, folders, modules, configs),
				resolveDir: root,
				sourcefile: `${SET}.ts`,
				loader: 'ts',
			},
			outfile: join(dist, `${SET}.js`),
		}),
		build({
			...bundling,
			entryPoints: [join(root, 'core/store/sqlite/worker.mts')],
			outfile: join(dist, 'sqlite-worker.js'),
		}),
	]);
	await carryFiles(dist);
	await writeFile(
		join(dist, 'THIRD-PARTY-LICENSES.txt'),
		await licencesOf(root, [bundle.metafile, worker.metafile]),
	);

	const texts = textsOf([...forms, ...configs]);
	const translated = await translations(root, [...folders.values()]);
	for (const language of languages) {
		const help = new Map<string, string>();
		for (const form of forms)
			help.set(form.type, await helpOf(root, folders.get(form.type) ?? '', language, form));
		const folder = join(dist, 'locales', language);
		await mkdir(folder, { recursive: true });
		await writeJson(join(folder, `${SET}.json`), await catalogue(root, language, texts, translated));
		await writeFile(join(folder, `${SET}.html`), helpHtml(help));
		if (language === 'en-US')
			await writeFile(join(dist, `${SET}.html`), await editorHtml(root, forms, configs, help));
	}
	for (const form of forms)
		await copyFile(iconOf(root, form, folders.get(form.type) ?? ''), join(dist, 'icons', `${form.type}.svg`));
	for (const { name, nodes } of await examplesOf(root, forms, folders, configs)) {
		await writeJson(join(outDir, 'examples', `${name}.json`), nodes);
	}
	await copyFile(join(root, 'LICENSE'), join(outDir, 'LICENSE'));
	await copyFile(join(root, 'hosts/node-red/README.md'), join(outDir, 'README.md'));
	await writeJson(join(outDir, 'package.json'), await about(root));
}

interface StepModule {
	/** From the root, without the ending. */
	path: string;
	/** The step's name in its module: `enrol` is also a verb there, and the step `enrolStep`. */
	exported: string;
	/** The module also exports what the editor's button calls. */
	startNow: boolean;
}

async function stepModules(root: string, { nodes }: Described): Promise<Map<string, StepModule>> {
	const found = new Map<string, StepModule>();
	for (const { folder, description } of nodes) {
		const path = `nodes/${folder}/${description.name}`;
		const source = await readFile(join(root, `${path}.ts`), 'utf8');
		const exported = /export const (\w+): Step</.exec(source)?.[1];
		if (!exported) throw new Error(`${path}.ts exports no step ("export const … : Step<…>").`);
		found.set(folder, { path, exported, startNow: /export (async )?function startNow\b/.test(source) });
	}
	return found;
}

/** What the Test button of a config node does; the Journey Store is tried by the host itself. */
const checks: Partial<Record<CredentialName, { path: string; exported: string }>> = {
	memberJourneysPageApi: { path: 'nodes/JourneyPeoplePage/access', exported: 'pageCheck' },
	linkMyLinkApi: { path: 'providers/link/test', exported: 'linkCheck' },
	linkCommonApi: { path: 'providers/linkCommon/test', exported: 'commonCheck' },
	linkCallbackApi: { path: 'nodes/LinkTrigger/access', exported: 'callbackAccessCheck' },
	linkMultichannelApi: { path: 'providers/linkMultichannel/test', exported: 'multichannelCheck' },
	makeNewsletterApi: { path: 'providers/make/test', exported: 'makeCheck' },
	emailSmtpApi: { path: 'providers/smtp/test', exported: 'smtpCheck' },
	adversusApi: { path: 'providers/dialer/test', exported: 'adversusCheck' },
	vicidialApi: { path: 'providers/dialer/test', exported: 'vicidialCheck' },
	sftpApi: { path: 'providers/sftp/test', exported: 'sftpCheck' },
	pingenApi: { path: 'providers/pingen/test', exported: 'pingenCheck' },
	vippsApi: { path: 'providers/vipps/test', exported: 'vippsCheck' },
	vippsReportApi: { path: 'providers/vipps/test', exported: 'vippsReportCheck' },
	directoryApi: { path: 'providers/directory/test', exported: 'directoryCheck' },
};

/** The runtime's list of steps; n8n's classes stay out of it. */
function entry(
	forms: readonly Form[],
	folders: ReadonlyMap<string, string>,
	modules: ReadonlyMap<string, StepModule>,
	configs: readonly ConfigForm[],
): string {
	const imports: string[] = [`import { register } from './hosts/node-red/runtime/register';`];
	const steps: string[] = [];
	for (const form of forms) {
		const module = modules.get(folders.get(form.type) ?? '');
		if (!module) continue;
		const names = module.startNow ? `${module.exported}, startNow as start_${form.step}` : module.exported;
		imports.push(`import { ${names} } from './${module.path}';`);
		steps.push(
			`{ step: ${module.exported}, form: ${JSON.stringify(form)}${module.startNow ? `, startNow: start_${form.step}` : ''} }`,
		);
	}
	const held = configs.map((form) => {
		const check = checks[form.credential];
		if (check) imports.push(`import { ${check.exported} } from './${check.path}';`);
		return `{ form: ${JSON.stringify(form)}, check: ${check?.exported ?? 'undefined'} }`;
	});
	return `${imports.join('\n')}
module.exports = (RED) => register(RED, { steps: [${steps.join(',\n')}], configs: [${held.join(',\n')}] });`;
}

function iconOf(root: string, form: Form, folder: string): string {
	const places = [
		join(root, 'nodes', folder, `${form.step}.node-red.svg`),
		join(root, 'hosts/node-red/icons', `${form.type}.svg`),
	];
	return places.find(existsSync) ?? join(root, 'hosts/node-red/icons/mj-step.svg');
}

async function about(root: string): Promise<object> {
	const { version, license, author, homepage, repository } = JSON.parse(
		await readFile(join(root, 'package.json'), 'utf8'),
	) as Record<string, unknown>;
	return {
		name: PACKAGE_NAME,
		version,
		description:
			'Member and donor journeys for Node-RED: segments, newsletters, e-mail, SMS, letters, calls, questions, payments, contact rules, and gates where people wait for a goal',
		license,
		author,
		homepage,
		repository,
		keywords: ['node-red', 'membership', 'nonprofit', 'fundraising', 'journey', 'sms', 'newsletter'],
		engines: { node: '>=22.9' },
		'node-red': { version: '>=5.0.0', nodes: { [SET]: `dist/${SET}.js` } },
		files: ['dist', 'examples'],
	};
}

async function writeJson(file: string, value: unknown): Promise<void> {
	await writeFile(file, `${JSON.stringify(value, null, '\t')}\n`);
}
