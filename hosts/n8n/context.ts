/** The {@link StepContext} of a step that n8n runs. */
import type {
	IHttpRequestOptions,
	INode,
	IWorkflowMetadata,
	Logger,
	WorkflowExecuteMode,
} from 'n8n-workflow';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Http, StepProblem } from '../../core/ports';
import type { CredentialName, StepContext } from '../../core/step';
import { type Borrowed, borrowStore, clockAt, readStoreSettings, storeUrl } from '../sharedStores';
import { httpOver } from './http';
import { type KeptCredentials, keptCredentials } from './keptCredentials';

/** What execution, trigger, webhook and form contexts of n8n have in common. */
export interface N8nContext {
	getNode(): INode;
	getWorkflow(): IWorkflowMetadata;
	getMode?(): WorkflowExecuteMode;
	getCredentials(type: string): Promise<unknown>;
	getChildNodes?(nodeName: string): unknown[];
	logger: Pick<Logger, 'info' | 'warn' | 'error' | 'debug'>;
	helpers: { httpRequest(options: IHttpRequestOptions): Promise<unknown> };
}

const credentialTitles: Record<CredentialName, string> = {
	memberJourneysStoreApi: 'Journey Store',
	memberJourneysPageApi: 'Journey People Page',
	linkMyLinkApi: 'LINK MyLINK',
	linkCommonApi: 'LINK Common',
	linkMultichannelApi: 'LINK Multichannel',
	linkCallbackApi: 'LINK Callback Access',
	makeNewsletterApi: 'Make Newsletter',
	emailSmtpApi: 'E-Mail (SMTP)',
	sftpApi: 'SFTP',
	adversusApi: 'Adversus',
	vicidialApi: 'VICIdial',
	pingenApi: 'Pingen',
	vippsApi: 'Vipps',
	vippsReportApi: 'Vipps Reports',
	directoryApi: 'Directory Service',
};

export interface Opened {
	context: StepContext;
	/** Gives back what the context has borrowed. */
	close(): void;
}

interface Special {
	continueOnFail?: boolean;
	hint?(text: string): void;
	publicUrl?(): string | undefined;
	/** Left out: for this context alone. */
	kept?: KeptCredentials;
}

export async function openContext(n8n: N8nContext, special: Special = {}): Promise<Opened> {
	const node = n8n.getNode();
	const workflow = n8n.getWorkflow();
	let borrowed: Promise<Borrowed> | undefined;

	const kept = special.kept ?? keptCredentials();
	const credentials = (name: CredentialName) => kept.get(name, () => ask(name));
	const ask = async (name: CredentialName) => {
		if (!node.credentials?.[name]) {
			throw new StepProblem(`This step has no ${credentialTitles[name]} credential.`, {
				field: credentialTitles[name],
				hint: `Open the step and choose one under 'Credential', or make a new one.`,
			});
		}
		return await n8n.getCredentials(name);
	};
	const storeSettings = async () => readStoreSettings(await credentials('memberJourneysStoreApi'));
	const timed = node.credentials?.memberJourneysStoreApi ? (await storeSettings()).clockUrl : '';

	const context: StepContext = {
		store: async () => {
			borrowed ??= storeSettings().then((settings) => borrowStore(storeUrl(settings, userFolder())));
			return (await borrowed).store;
		},
		credentials,
		clock: await clockAt(timed),
		http: httpOf(n8n),
		place: {
			host: 'n8n',
			flow: workflow.id ?? '',
			flowName: workflow.name ?? '',
			step: `${workflow.id ?? ''}/${node.id}`,
			name: node.name,
		},
		testRun: n8n.getMode?.() === 'manual',
		continueOnFail: special.continueOnFail ?? false,
		progress: (done, total, what) =>
			n8n.logger.debug(`${node.name}: ${done}${total ? ` of ${total}` : ''} ${what}`),
		hint: special.hint ?? ((text) => n8n.logger.info(`${node.name}: ${text}`)),
		log: (level, text) => n8n.logger[level](`${node.name}: ${text}`),
		publicUrl: special.publicUrl,
		...(n8n.getChildNodes ? { wired: () => (n8n.getChildNodes?.(node.name).length ?? 0) > 0 } : {}),
	};
	return {
		context,
		close: () => void borrowed?.then(({ release }) => release()).catch(() => undefined),
	};
}

function httpOf(n8n: N8nContext): Http {
	return httpOver(async (options) => await n8n.helpers.httpRequest(options));
}

/** Where n8n keeps its own data; its documented default when the variable is not set. */
export function userFolder(): string {
	return join(process.env.N8N_USER_FOLDER ?? homedir(), '.n8n');
}
