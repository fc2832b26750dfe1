/** What the Test button of a config node does. The Journey Store is tried by the host itself. */
import type { CredentialCheck, CredentialName } from '../../../core/step';

export const credentialChecks: Partial<Record<CredentialName, CredentialCheck>> = {};
