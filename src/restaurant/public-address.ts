/** Which addresses of the internet we call for somebody else. */
import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** A name led to where nothing of ours may be sent. */
export class AddressError extends Error {
  override name = 'AddressError';
  readonly kind = 'address';
}

/**
 * Public unicast addresses only. Not: this machine, private networks, carriers' shared space, link-local
 * with the metadata services of clouds, multicast, documentation, and IPv6 forms that carry an IPv4
 * address (mapped, NAT64, 6to4, Teredo), because they lead to any of these.
 */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 4) return !NOT_PUBLIC.check(address, 'ipv4');
  if (isIP(address) !== 6 || !GLOBAL_UNICAST.check(address, 'ipv6')) return false;
  return !NOT_PUBLIC.check(address, 'ipv6');
}

/**
 * Resolves a name as the connection is made, and passes on what it resolved: an address that is
 * checked is the one that is dialled, so that a name which answers differently next time gains nothing.
 * One address that is not public condemns them all.
 */
export function publicLookup(resolve: LookupFunction = lookup as LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, resolved) => {
      const addresses = resolved as LookupAddress[];
      const [first] = addresses ?? [];
      if (error) callback(error, []);
      else if (!first || !addresses.every(({ address }) => isPublicAddress(address))) {
        callback(new AddressError('expected public addresses only, got another one or none'), []);
      } else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

const GLOBAL_UNICAST = new BlockList();
GLOBAL_UNICAST.addSubnet('2000::', 3, 'ipv6');

/** IANA's special-purpose registries, and one address of Azure's hosts that looks public. */
const NOT_PUBLIC = new BlockList();
const IPV4: [network: string, prefix: number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
const IPV6: [network: string, prefix: number][] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];
for (const [network, prefix] of IPV4) NOT_PUBLIC.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of IPV6) NOT_PUBLIC.addSubnet(network, prefix, 'ipv6');
