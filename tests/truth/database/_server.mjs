/** Waits until a server that was just started answers a client, a tenth of a second between tries. */
export async function answering(client, most) {
  for (let tries = 0; ; tries += 1) {
    try {
      await (await client()).query("select 1");
      return;
    } catch (error) {
      if (tries > most) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
