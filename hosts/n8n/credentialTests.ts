/** What n8n runs when an admin saves a credential: `methods.credentialTest` of a step. */
import type {
	ICredentialDataDecryptedObject,
	ICredentialTestFunctions,
	ICredentialsDecrypted,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { z } from 'zod/v4';
import { type Http, StepProblem } from '../../core/ports';
import type { CredentialCheck, CredentialName } from '../../core/step';
import { DEFAULT_TIMEOUT_MS, answerOf, bodyOf, headersOf, lost, withQuery } from '../httpWire';
import { borrowStore, clockAt, readStoreSettings, storeUrl } from '../sharedStores';
import { userFolder } from './context';

type CredentialTest = (
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted<ICredentialDataDecryptedObject>,
) => Promise<INodeCredentialTestResult>;

/** Opens the store, so that a wrong path or password is told at once. */
export const storeCheck: CredentialCheck = async (_world, settings) => {
	const read = readStoreSettings(settings);
	await clockAt(read.clockUrl);
	const { release } = await borrowStore(storeUrl(read, userFolder()));
	release();
};

/**
 * One test per credential, named `<credential>Test`: a node names it under `testedBy` in its `credentials`. The Journey
 * Store's is always there.
 */
export function credentialTests(
	checks: Partial<Record<CredentialName, CredentialCheck>> = {},
): Record<string, CredentialTest> {
	const all = { memberJourneysStoreApi: storeCheck, ...checks };
	return Object.fromEntries(Object.entries(all).map(([name, check]) => [`${name}Test`, testOf(check)]));
}

function testOf(check: CredentialCheck): CredentialTest {
	return async function (credential) {
		try {
			await check({ http: httpOf(this) }, credential.data ?? {});
			return { status: 'OK', message: 'Connection successful' };
		} catch (error) {
			const hint = error instanceof StepProblem ? error.hint : undefined;
			const message = error instanceof Error ? error.message : String(error);
			return { status: 'Error', message: hint ? `${message.replace(/\.?$/, '.')} ${hint}` : message };
		}
	};
}

const response = z.object({ statusCode: z.number(), headers: z.unknown(), body: z.unknown() });

/** Credential tests have n8n's older request helper only. */
function httpOf({ helpers }: ICredentialTestFunctions): Http {
	return async (request) => {
		let answer: unknown;
		try {
			answer = await helpers.request({
				method: request.method,
				uri: withQuery(request.url, request.query),
				headers: headersOf(request),
				auth: request.basic && { ...request.basic, sendImmediately: true },
				body: bodyOf(request),
				timeout: request.timeoutMs ?? DEFAULT_TIMEOUT_MS,
				resolveWithFullResponse: true,
				simple: false,
				followRedirect: false,
			});
		} catch (cause) {
			throw lost(cause, request);
		}
		const { statusCode, headers, body } = response.parse(answer);
		return answerOf(statusCode, headers, body);
	};
}
