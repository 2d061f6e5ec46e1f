// Cloudflare Access: whether a request carries a valid assertion of the team for an application.
import { claimsOf } from "./jwt.js";

/** Whether the assertion is one of this team for this application, now. Never throws. */
export async function isAsserted(assertion, { team, audience, ...rest }) {
  const issuer = `https://${team.includes(".") ? team : `${team}.cloudflareaccess.com`}`;
  const keysAt = `${issuer}/cdn-cgi/access/certs`;
  return (await claimsOf(assertion, { issuer, audiences: [audience], keysAt, ...rest })) !== undefined;
}
