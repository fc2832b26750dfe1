/** A journey's flow file with the config nodes that lead to the sandbox instead of to the providers. */
import type { SftpPlace } from './n8nCredentials';
import { smtpUser } from './smtp/inbox';
import { sandboxCredentials } from './world';

export interface FlowNode {
	id: string;
	type: string;
	[property: string]: unknown;
}

/** Who clicks in the sandbox wants to see what happens: nobody waits there to learn whether it was a scanner. */
export const CLICKS_AT_ONCE = { graceSeconds: 0, swiftSeconds: 0 };

/**
 * Secrets stand inside the nodes under `credentials`, as Node-RED's deploy takes them. `smtpPort`: where the sandbox takes
 * mail, `sftp`: where it takes files; without them the nodes of those servers stay as they are.
 */
export function ledToSandbox(
	flow: readonly FlowNode[],
	sandbox: string,
	smtpPort?: number,
	sftp?: SftpPlace,
): FlowNode[] {
	return flow.map((node) => ({
		...node,
		// Whoever has a sign-in of their own for the pages keeps it.
		...(node.type === 'mj-people-page' && node.credentials
			? {}
			: entries(node.type, sandbox, smtpPort, sftp)),
		...(node.type === 'mj-make-trigger' || node.type === 'mj-email-trigger'
			? { params: { ...(typeof node.params === 'object' ? node.params : {}), telling: CLICKS_AT_ONCE } }
			: {}),
	}));
}

function entries(
	type: string,
	sandbox: string,
	smtpPort: number | undefined,
	sftp: SftpPlace | undefined,
): Record<string, unknown> {
	switch (type) {
		case 'mj-email-smtp':
			return smtpPort === undefined
				? {}
				: {
						host: '127.0.0.1',
						port: smtpPort,
						security: 'none',
						user: smtpUser.user,
						credentials: { password: smtpUser.password },
					};
		case 'mj-store':
			return { kind: 'embedded', file: 'member-journeys.db', clockUrl: `${sandbox}/clock` };
		case 'mj-link':
			return {
				clientId: sandboxCredentials.link.id,
				tokenUrl: `${sandbox}/link/token`,
				baseUrl: `${sandbox}/link`,
				credentials: { clientSecret: sandboxCredentials.link.secret },
			};
		case 'mj-link-multichannel':
			return {
				authentication: 'oauth2',
				clientId: sandboxCredentials.link.id,
				tokenUrl: `${sandbox}/link/token`,
				baseUrl: `${sandbox}/linkMultichannel`,
				credentials: { clientSecret: sandboxCredentials.link.secret },
			};
		case 'mj-link-common':
			return {
				baseUrl: `${sandbox}/linkCommon`,
				authentication: 'basic',
				userName: sandboxCredentials.linkCommon.id,
				platformId: sandboxCredentials.linkCommon.platformId,
				platformPartnerId: sandboxCredentials.linkCommon.platformPartnerId,
				credentials: { password: sandboxCredentials.linkCommon.secret },
			};
		case 'mj-make':
			return {
				userId: sandboxCredentials.make.id,
				subscribersUrl: `${sandbox}/make/subscribers/api/public/v2`,
				newslettersUrl: `${sandbox}/make/newsletters/api/public/v1`,
				credentials: { apiKey: sandboxCredentials.make.secret },
			};
		case 'mj-vipps':
			return {
				environment: 'test',
				clientId: sandboxCredentials.vipps.id,
				merchantSerialNumber: sandboxCredentials.vipps.merchantSerialNumber,
				baseUrl: `${sandbox}/vipps`,
				credentials: {
					clientSecret: sandboxCredentials.vipps.secret,
					subscriptionKey: sandboxCredentials.vipps.subscriptionKey,
				},
			};
		case 'mj-vipps-report':
			return {
				clientId: sandboxCredentials.vippsReport.id,
				signInPath: '/miami/v1/token',
				baseUrl: `${sandbox}/vipps`,
				credentials: { clientSecret: sandboxCredentials.vippsReport.secret },
			};
		case 'mj-sftp':
			return sftp === undefined
				? {}
				: {
						host: '127.0.0.1',
						port: sftp.port,
						userName: sandboxCredentials.sftp.userName,
						authentication: 'password',
						hostKey: sftp.hostKey,
						credentials: { password: sandboxCredentials.sftp.password },
					};
		case 'mj-people-page':
			return {
				userName: sandboxCredentials.page.userName,
				credentials: { password: sandboxCredentials.page.password },
			};
		case 'mj-pingen':
			return {
				environment: 'staging',
				clientId: sandboxCredentials.pingen.id,
				organisationId: sandboxCredentials.pingen.organisationId,
				baseUrl: `${sandbox}/pingen/api`,
				tokenUrl: `${sandbox}/pingen/auth/access-tokens`,
				credentials: {
					clientSecret: sandboxCredentials.pingen.secret,
					signingKey: sandboxCredentials.pingen.signingKey,
				},
			};
		case 'mj-adversus':
			return {
				userName: sandboxCredentials.adversus.id,
				baseUrl: `${sandbox}/adversus/v1`,
				credentials: { password: sandboxCredentials.adversus.secret },
			};
		case 'mj-vicidial':
			return {
				url: `${sandbox}/vicidial/non_agent_api.php`,
				userName: sandboxCredentials.vicidial.id,
				credentials: { password: sandboxCredentials.vicidial.secret },
			};
		default:
			return {};
	}
}
