import { utils } from 'ssh2';
import { newHostKey } from '../../../sandbox/sftp/hostKey';

test('every key that the SSH server is given can be read', () => {
	for (let made = 0; made < 1_000; made += 1)
		expect(utils.parseKey(newHostKey().secret)).not.toBeInstanceOf(Error);
});
