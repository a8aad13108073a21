import { gzipSync } from 'node:zlib';
import { expect, required, test } from './server.ts';

test('what could not be kept is counted in Settings, by door and reason', async ({ open }) => {
  const door = `${required('DIPTYCH_UI_SERVER')}/v1/rum?key=${required('DIPTYCH_UI_CLIENT_KEY')}`;
  const send = (body: BodyInit, encoding = '') =>
    fetch(`${door}${encoding}`, { method: 'POST', body, headers: { 'content-type': 'text/plain' } });
  const whole = gzipSync('{"type":"action"}');
  const statuses = [
    await send(new Uint8Array(whole.subarray(0, whole.length - 9)), '&encoding=gzip'),
    await send('{"type":"action"'),
    await send('NaN\nNaN'),
  ].map((answer) => answer.status);
  expect(statuses).toEqual([400, 202, 202]);

  const page = await open('/settings');
  const row = (reason: string) => page.getByTestId('dropped').getByRole('row', { name: reason });
  await expect(row('rum.unreadable')).toHaveText('rum.unreadable1');
  await expect(row('rum.malformed')).toHaveText('rum.malformed3');
});
