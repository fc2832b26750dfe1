/** What the Test button of a config node does. The Journey Store is tried by the host itself. */
import type { CredentialCheck, CredentialName } from '../../../core/step';
import { linkCheck } from '../../../providers/link/test';
import { makeCheck } from '../../../providers/make/test';

export const credentialChecks: Partial<Record<CredentialName, CredentialCheck>> = {
	linkMyLinkApi: linkCheck,
	makeNewsletterApi: makeCheck,
};
