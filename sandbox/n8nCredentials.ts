/** Credentials in a running n8n that lead to the sandbox instead of to the providers. */
import type { N8nApi } from '../hosts/runtime/n8nApi';
import { smtpUser } from './smtp/inbox';
import { sandboxCredentials } from './world';

/** Where the sandbox takes files, and by what its server is known. */
export interface SftpPlace {
	port: number;
	hostKey: string;
}

/**
 * The credentials as an admin would fill them in for the sandbox at `sandbox`; by default on the embedded store. The mail
 * server's only with `smtpPort`, where the sandbox takes mail; those of printing house, Pingen and callers only with `sftp`.
 */
export async function createSandboxCredentials(
	api: N8nApi,
	sandbox: string,
	store: { kind: 'embedded' | 'postgres'; file?: string; url?: string; clockUrl?: string } = {
		kind: 'embedded',
	},
	smtpPort?: number,
	sftp?: SftpPlace,
): Promise<Record<string, { id: string; name: string }>> {
	const wanted = {
		memberJourneysStoreApi: {
			name: 'Journey Store',
			data: {
				file: 'member-journeys.db',
				url: '',
				timeZone: 'Europe/Oslo',
				countryCode: '47',
				clockUrl: `${sandbox}/clock`,
				...store,
			},
		},
		linkMyLinkApi: {
			name: 'LINK (sandbox)',
			data: {
				clientId: sandboxCredentials.link.id,
				clientSecret: sandboxCredentials.link.secret,
				tokenUrl: `${sandbox}/link/token`,
				baseUrl: `${sandbox}/link`,
			},
		},
		linkMultichannelApi: {
			name: 'LINK Multichannel (sandbox)',
			data: {
				authentication: 'oauth2',
				clientId: sandboxCredentials.link.id,
				clientSecret: sandboxCredentials.link.secret,
				tokenUrl: `${sandbox}/link/token`,
				baseUrl: `${sandbox}/linkMultichannel`,
			},
		},
		linkCommonApi: {
			name: 'LINK Common (sandbox)',
			data: {
				baseUrl: `${sandbox}/linkCommon`,
				authentication: 'basic',
				userName: sandboxCredentials.linkCommon.id,
				password: sandboxCredentials.linkCommon.secret,
				platformId: sandboxCredentials.linkCommon.platformId,
				platformPartnerId: sandboxCredentials.linkCommon.platformPartnerId,
			},
		},
		makeNewsletterApi: {
			name: 'Make (sandbox)',
			data: {
				userId: sandboxCredentials.make.id,
				apiKey: sandboxCredentials.make.secret,
				subscribersUrl: `${sandbox}/make/subscribers/api/public/v2`,
				newslettersUrl: `${sandbox}/make/newsletters/api/public/v1`,
			},
		},
		...(smtpPort === undefined
			? {}
			: {
					emailSmtpApi: {
						name: 'E-mail (sandbox)',
						data: {
							host: '127.0.0.1',
							port: smtpPort,
							security: 'none',
							user: smtpUser.user,
							password: smtpUser.password,
						},
					},
				}),
		...vippsKeys(sandbox),
		memberJourneysPageApi: { name: 'Page (sandbox)', data: { ...sandboxCredentials.page } },
		...(sftp ? handOffs(sandbox, sftp) : {}),
	};
	const made: Record<string, { id: string; name: string }> = {};
	for (const [type, { name, data }] of Object.entries(wanted)) {
		made[type] = { id: await api.createCredential(type, name, data), name };
	}
	return made;
}

function vippsKeys(sandbox: string) {
	const { vipps, vippsReport } = sandboxCredentials;
	return {
		vippsApi: {
			name: 'Vipps (sandbox)',
			data: {
				environment: 'test',
				clientId: vipps.id,
				clientSecret: vipps.secret,
				subscriptionKey: vipps.subscriptionKey,
				merchantSerialNumber: vipps.merchantSerialNumber,
				baseUrl: `${sandbox}/vipps`,
			},
		},
		vippsReportApi: {
			name: 'Vipps Report (sandbox)',
			data: {
				clientId: vippsReport.id,
				clientSecret: vippsReport.secret,
				signInPath: '/miami/v1/token',
				baseUrl: `${sandbox}/vipps`,
			},
		},
	};
}

function handOffs(sandbox: string, { port, hostKey }: SftpPlace) {
	const { sftp, pingen, adversus, vicidial } = sandboxCredentials;
	return {
		sftpApi: {
			name: 'SFTP (sandbox)',
			data: {
				host: '127.0.0.1',
				port,
				userName: sftp.userName,
				authentication: 'password',
				password: sftp.password,
				hostKey,
			},
		},
		pingenApi: {
			name: 'Pingen (sandbox)',
			data: {
				environment: 'staging',
				clientId: pingen.id,
				clientSecret: pingen.secret,
				organisationId: pingen.organisationId,
				signingKey: pingen.signingKey,
				baseUrl: `${sandbox}/pingen/api`,
				tokenUrl: `${sandbox}/pingen/auth/access-tokens`,
			},
		},
		adversusApi: {
			name: 'Adversus (sandbox)',
			data: { userName: adversus.id, password: adversus.secret, baseUrl: `${sandbox}/adversus/v1` },
		},
		vicidialApi: {
			name: 'VICIdial (sandbox)',
			data: {
				url: `${sandbox}/vicidial/non_agent_api.php`,
				userName: vicidial.id,
				password: vicidial.secret,
			},
		},
	};
}
