// What a server of HTTP/1.1 must make of odd and hostile heads, as data. `../e2e/conformance.test.mjs` holds the portal
// to it; `compare.mjs` shows where nginx and cpp-httplib differ.

/** Stands in every head for the request's id; runners put one of the same length in its place. */
export const idMark = 'case-0000-x';

const crlf = '\r\n';
const ids = `X-Request-Id: ${idMark}\r\nX-Trace-Id: ${idMark}\r\n`;
const host = 'Host: localhost\r\n';
const line = (requestLine, fields = '') => `${requestLine}\r\n${ids}${host}${fields}\r\n`;
const target = (text) => line(`GET ${text} HTTP/1.1`);
const head = (fields) => line('GET /livez HTTP/1.1', fields);
const hostIs = (value) => `GET /livez HTTP/1.1\r\n${ids}Host: ${value}\r\n\r\n`;
const old = (fields) => `GET /livez HTTP/1.0\r\n${ids}${fields}\r\n`;
const post = (fields = '') => line('POST /livez HTTP/1.1', fields);
const options = (fields = '') => line('OPTIONS /livez HTTP/1.1', fields);
const everything = (fields = '') => line('OPTIONS * HTTP/1.1', fields);
const headOnly = (fields = '') => line('HEAD /livez HTTP/1.1', fields);
const five = 'Content-Length: 5\r\n';
const chunked = 'Transfer-Encoding: chunked\r\n';
const chunks = '5\r\nhello\r\n0\r\n\r\n';

// One case: `raw` is sent as latin1 and gets one answer with `status`. `closes`: nothing that follows may be taken for a
// request; otherwise the next request is answered. `rule` is how strongly the RFC asks for what is expected here: MUST
// and SHOULD, or MAY where it permits something else too, such as a space in place of a fold. Flags:
//   framing  whoever takes this head can disagree with another server on where the next request begins
//   newIds   the head's own ids come after its fault, so the answer has new ones
//   late     the head is not complete: the answer is that of the deadline
const make = (closes) => (name, section, rule, raw, status, flags) => ({
  name,
  section,
  rule,
  raw,
  status,
  closes,
  framing: false,
  newIds: false,
  late: false,
  ...flags,
});
const goesOn = make(false);
const ends = make(true);
const framing = { framing: true };
const newIds = { newIds: true };
const late = { late: true };
const lateUnknown = { late: true, newIds: true };

const requestLines = [
  goesOn('a plain GET', '9112 §3', 'MUST', target('/livez'), 200),
  goesOn('HEAD', '9110 §9.3.2', 'MUST', headOnly(), 200),
  goesOn('OPTIONS', '9110 §9.3.7', 'MAY', options(), 204),
  goesOn('POST without a body', '9112 §6.3', 'MUST', post(), 405),
  goesOn('DELETE', '9110 §9.1', 'SHOULD', line('DELETE /livez HTTP/1.1'), 405),
  goesOn('TRACE', '9110 §9.3.8', 'MAY', line('TRACE /livez HTTP/1.1'), 405),
  goesOn('an unknown method', '9110 §9.1', 'MAY', line('BREW /livez HTTP/1.1'), 405),
  goesOn('a method in lower case', '9110 §9.1', 'MAY', line('get /livez HTTP/1.1'), 405),
  goesOn('a method of every token character', '9110 §5.6.2', 'MAY', line("A!#$%&'*+-.^_`|~1 /livez HTTP/1.1"), 405),
  goesOn('an empty line before the request', '9112 §2.2', 'SHOULD', crlf + target('/livez'), 200),
  goesOn('four empty lines before the request', '9112 §2.2', 'MAY', crlf.repeat(4) + target('/livez'), 200),
  ends('five empty lines before the request', '9112 §2.2', 'MAY', crlf.repeat(5) + target('/livez'), 400, newIds),
  ends('a bare LF before the request', '9112 §2.2', 'MAY', `\n${target('/livez')}`, 400, newIds),
  ends('a bare CR before the request', '9112 §2.2', 'MAY', `\r${target('/livez')}`, 400, newIds),
  ends('a space before the method', '9112 §3', 'SHOULD', line(' GET /livez HTTP/1.1'), 400, newIds),
  ends('two spaces before the target', '9112 §3', 'SHOULD', line('GET  /livez HTTP/1.1'), 400),
  ends('two spaces before the version', '9112 §3', 'SHOULD', line('GET /livez  HTTP/1.1'), 400),
  ends('a tab for a space', '9112 §3', 'SHOULD', line('GET\t/livez HTTP/1.1'), 400),
  ends('a space after the version', '9112 §3', 'SHOULD', line('GET /livez HTTP/1.1 '), 400, newIds),
  ends('a tab after the version', '9112 §3', 'SHOULD', line('GET /livez HTTP/1.1\t'), 400, newIds),
  ends('no target', '9112 §3', 'SHOULD', line('GET HTTP/1.1'), 400),
  ends('a parenthesis in the method', '9112 §3', 'SHOULD', line('G(T /livez HTTP/1.1'), 400),
  ends('a letter beyond ASCII in the method', '9112 §3', 'SHOULD', line('G\xc9T /livez HTTP/1.1'), 400),
  ends('a method of 9,000 letters', '9112 §3', 'MAY', line(`${'A'.repeat(9000)} /livez HTTP/1.1`), 414, newIds),
  goesOn('a request line of 8,192 bytes', '9112 §3', 'MAY', target(`/${'a'.repeat(8192 - 14)}`), 404),
  ends('a request line of 8,193 bytes', '9112 §3', 'MAY', target(`/${'a'.repeat(8193 - 14)}`), 414, newIds),
  ends('HEAD of a line that is too long', '9110 §9.3.2', 'MAY', `HEAD /${'a'.repeat(8193)}`, 414, newIds),
  ends('CONNECT', '9110 §9.3.6', 'MAY', line('CONNECT localhost:80 HTTP/1.1'), 501),
  ends('CONNECT without a port', '9110 §9.3.6', 'MUST', line('CONNECT localhost HTTP/1.1'), 400),
  ends('CONNECT with an empty port', '9110 §9.3.6', 'MUST', line('CONNECT localhost: HTTP/1.1'), 400),
  ends('CONNECT to a path', '9112 §3.2.3', 'SHOULD', line('CONNECT /livez HTTP/1.1'), 400),
  ends('words', '9112 §3', 'SHOULD', 'hello\r\n\r\n', 400, newIds),
  ends("a mail client's greeting", '9112 §3', 'SHOULD', 'EHLO example.com\r\n', 400, newIds),
  ends("a TLS client's greeting", '9112 §3', 'SHOULD', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400, newIds),
  ends('a NUL for a request', '9112 §3', 'SHOULD', `\0${target('/livez')}`, 400, newIds),
];

const versions = [
  goesOn('HTTP/1.2', '9110 §2.5', 'SHOULD', line('GET /livez HTTP/1.2'), 200),
  goesOn('HTTP/1.9', '9110 §2.5', 'SHOULD', line('GET /livez HTTP/1.9'), 200),
  ends('HTTP/1.0 without Host', '9112 §9.3', 'MUST', old(''), 200),
  ends('HTTP/1.0 with Host', '9112 §9.3', 'MUST', old(host), 200),
  goesOn('HTTP/1.0 that asks to go on', '9112 §9.3', 'MAY', old('Connection: Keep-Alive\r\n'), 200),
  ends('HTTP/1.0 that asks for both', '9112 §9.3', 'MUST', old('Connection: keep-alive, close\r\n'), 200),
  ends('HTTP/0.9, a line without a version', '9112 §3', 'MAY', 'GET /livez\r\n', 400, newIds),
  ends('HTTP/0.9 with a head', '9112 §3', 'SHOULD', line('GET /livez'), 400, newIds),
  ends('HTTP/0.9 by name', '9110 §15.6.6', 'MAY', line('GET /livez HTTP/0.9'), 505),
  ends('HTTP/2.0 by name', '9110 §15.6.6', 'MAY', line('GET /livez HTTP/2.0'), 505),
  ends('the HTTP/2 preface', '9110 §15.6.6', 'MAY', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505, newIds),
  ends('HTTP/9.9', '9110 §15.6.6', 'MAY', line('GET /livez HTTP/9.9'), 505),
  ends('http/1.1 in lower case', '9112 §2.3', 'SHOULD', line('GET /livez http/1.1'), 400, newIds),
  ends('HTTP/1', '9112 §2.3', 'SHOULD', line('GET /livez HTTP/1'), 400, newIds),
  ends('HTTP/1.10', '9112 §2.3', 'SHOULD', line('GET /livez HTTP/1.10'), 400, newIds),
  ends('HTTP/1,1', '9112 §2.3', 'SHOULD', line('GET /livez HTTP/1,1'), 400),
  ends('HTTP/+.1', '9112 §2.3', 'SHOULD', line('GET /livez HTTP/+.1'), 400),
  ends('ICAP/1.1', '9112 §2.3', 'SHOULD', line('GET /livez ICAP/1.1'), 400, newIds),
];

const targets = [
  goesOn('an empty query', '9112 §3.2.1', 'MUST', target('/livez?'), 200),
  goesOn('a query with slashes and marks', '9112 §3.2.1', 'MUST', target('/livez?a/b?c=//d'), 200),
  goesOn('a bad escape in a query that nobody reads', '9112 §3.2', 'MAY', target('/livez?a=%zz'), 200),
  goesOn('absolute-form', '9112 §3.2.2', 'MUST', target('http://localhost/livez'), 200),
  goesOn('absolute-form with a port and a query', '9112 §3.2.2', 'MUST', target('http://localhost:81/livez?a'), 200),
  goesOn('absolute-form in capitals', '9110 §4.2.3', 'MUST', target('HTTP://LOCALHOST/livez'), 200),
  goesOn('absolute-form of another host than Host', '9112 §3.2.2', 'MUST', target('http://a.localhost/livez'), 200),
  goesOn('absolute-form without a path', '9112 §3.2.2', 'MUST', target('http://localhost'), 404),
  goesOn('absolute-form with an IPv6 address', '9112 §3.2.2', 'MUST', target('http://[::1]:80/livez'), 200),
  ends('absolute-form and no Host', '9112 §3.2', 'MUST', `GET http://localhost/livez HTTP/1.1\r\n${ids}\r\n`, 400),
  ends('absolute-form with a user', '9110 §4.2.4', 'SHOULD', target('http://root@localhost/livez'), 400),
  ends('absolute-form without a host', '9110 §4.2.1', 'MUST', target('http:///livez'), 400),
  ends('absolute-form with a port of letters', '9112 §3.2', 'SHOULD', target('http://localhost:x/livez'), 400),
  ends('absolute-form of another scheme', '9112 §3.2.2', 'MAY', target('ftp://localhost/livez'), 400),
  ends('a scheme with one slash', '9112 §3.2', 'SHOULD', target('http:/livez'), 400),
  goesOn('OPTIONS *', '9110 §9.3.7', 'MAY', everything(), 204),
  goesOn('OPTIONS of a host alone', '9112 §3.2.4', 'MAY', line('OPTIONS http://localhost HTTP/1.1'), 204),
  ends('GET *', '9112 §3.2.4', 'SHOULD', target('*'), 400),
  ends('authority-form with GET', '9112 §3.2.3', 'SHOULD', target('localhost:80'), 400),
  ends('a path without its slash', '9112 §3.2.1', 'SHOULD', target('livez'), 400),
  ends('a query alone', '9112 §3.2.1', 'SHOULD', target('?a'), 400),
  ends('a fragment', '9112 §3.2', 'SHOULD', target('/livez#top'), 400),
  ends('a space in the target', '9112 §3.2', 'SHOULD', target('/livez y'), 400),
  ends('a NUL in the target', '9112 §3.2', 'SHOULD', target('/livez\0'), 400),
  ends('a control character in the target', '9112 §3.2', 'SHOULD', target('/liv\x01ez'), 400),
  ends('a DEL in the target', '9112 §3.2', 'SHOULD', target('/liv\x7fez'), 400),
  ends('a bare CR in the target', '9112 §2.2', 'SHOULD', target('/livez\r'), 400, newIds),
  ends('a byte beyond ASCII in the target', '9112 §3.2', 'SHOULD', target('/caf\xc3\xa9'), 400),
  goesOn('characters that browsers send raw', '9112 §3.2', 'MAY', target('/a|b^c{d}`"<>\\'), 404),
  goesOn('an escaped letter in the path', '9110 §4.2.3', 'MAY', target('/%6civez'), 404),
  goesOn('an escaped slash in the path', '9110 §4.2.3', 'MAY', target('/v1%2fhealth'), 404),
  goesOn('an escaped slash in an id', '9110 §4.2.3', 'MAY', target('/v1/jobs/a%2fb'), 401),
  goesOn('an escaped NUL in an id', '9110 §17.3', 'MAY', target('/v1/jobs/a%00b'), 400),
  goesOn('a bad escape in an id', '9112 §3.2', 'SHOULD', target('/v1/jobs/%zz'), 400),
  goesOn('half an escape in an id', '9112 §3.2', 'SHOULD', target('/v1/jobs/a%2'), 400),
  goesOn('an overlong escape in an id', '9110 §17.3', 'MAY', target('/v1/jobs/%c0%ae'), 400),
  goesOn('dot segments', '9110 §4.2.3', 'MAY', target('/v1/../livez'), 404),
  goesOn('escaped dot segments', '9110 §4.2.3', 'MAY', target('/v1/%2e%2e/livez'), 404),
  goesOn('dot segments above the root', '9110 §17.3', 'MAY', target('/../../etc/passwd'), 404),
  goesOn('two slashes', '9110 §4.2.3', 'MAY', target('//livez'), 404),
  goesOn('a slash too many at the end', '9110 §4.2.3', 'MAY', target('/livez/'), 404),
  goesOn('a path in capitals', '9110 §4.2.3', 'MUST', target('/LIVEZ'), 404),
];

const hosts = [
  goesOn('a Host with a port', '9110 §7.2', 'MUST', hostIs('localhost:3000'), 200),
  goesOn('a Host with an empty port', '9110 §7.2', 'MUST', hostIs('localhost:'), 200),
  goesOn('a Host that is an IPv4 address', '9110 §7.2', 'MUST', hostIs('127.0.0.1'), 200),
  goesOn('a Host that is an IPv6 address', '9110 §7.2', 'MUST', hostIs('[::1]:3000'), 200),
  goesOn('a Host with every character of a name', '9110 §7.2', 'MUST', hostIs("a_b~c-d!$&'()*+,;=%4a.localhost"), 200),
  goesOn('blanks around a Host', '9112 §5.1', 'MUST', hostIs(' \t localhost \t '), 200),
  ends('no Host', '9112 §3.2', 'MUST', `GET /livez HTTP/1.1\r\n${ids}\r\n`, 400),
  ends('the same Host twice', '9112 §3.2', 'MUST', head(host), 400),
  ends('two Hosts', '9112 §3.2', 'MUST', head('hOST: example.com\r\n'), 400),
  ends('two Hosts in HTTP/1.0', '9112 §3.2', 'MUST', old(`${host}Host: example.com\r\n`), 400),
  ends('an empty Host', '9110 §7.2', 'MAY', hostIs(''), 400),
  ends('a Host with a path', '9112 §3.2', 'MUST', hostIs('localhost/livez'), 400),
  ends('a Host with a user', '9112 §3.2', 'MUST', hostIs('root@localhost'), 400),
  ends('a Host with a space', '9112 §3.2', 'MUST', hostIs('local host'), 400),
  ends('a Host with a tab', '9112 §3.2', 'MUST', hostIs('local\thost'), 400),
  ends('a list of Hosts', '9112 §3.2', 'MUST', hostIs('localhost, example.com'), 400),
  ends('a Host with a port of letters', '9112 §3.2', 'MUST', hostIs('localhost:http'), 400),
  ends('a Host with the port 65536', '9112 §3.2', 'MAY', hostIs('localhost:65536'), 400),
  ends('a Host with two ports', '9112 §3.2', 'MUST', hostIs('localhost:80:80'), 400),
  ends('a Host that is a port alone', '9110 §4.2.1', 'MAY', hostIs(':80'), 400),
  ends('an IPv6 address without brackets', '9112 §3.2', 'MUST', hostIs('::1'), 400),
  ends('an IPv6 address without its end', '9112 §3.2', 'MUST', hostIs('[::1'), 400),
  ends('an IPv6 address with a zone', '9112 §3.2', 'MAY', hostIs('[fe80::1%25eth0]'), 400),
  ends('a Host with half an escape', '9112 §3.2', 'MUST', hostIs('local%4'), 400),
  ends('a Host with a byte beyond ASCII', '9112 §3.2', 'MUST', hostIs('caf\xc3\xa9'), 400),
  ends('a URL for a Host', '9112 §3.2', 'MUST', hostIs('http://localhost'), 400),
  ends('a folded Host', '9112 §5.2', 'MAY', hostIs('\r\n localhost'), 400, framing),
];

const fields = [
  goesOn('a header without a value', '9112 §5', 'MUST', head('X-A:\r\n'), 200),
  goesOn('a header without blanks', '9112 §5', 'MUST', head('X-A:b\r\n'), 200),
  goesOn('a header of blanks', '9112 §5.1', 'MUST', head('X-A: \t \r\n'), 200),
  goesOn('a tab in a value', '9110 §5.5', 'MUST', head('X-A: b\tc\r\n'), 200),
  goesOn('a colon in a value', '9110 §5.5', 'MUST', head('X-A: b:c\r\n'), 200),
  goesOn('bytes beyond ASCII in a value', '9110 §5.5', 'MAY', head('X-A: \x80\xc3\xa9\xff\r\n'), 200),
  goesOn('a name of every token character', '9110 §5.1', 'MUST', head("A!#$%&'*+-.^_`|~1: b\r\n"), 200),
  goesOn('the same header many times', '9110 §5.3', 'MUST', head('Accept: a\r\nAccept: b\r\naccept: c\r\n'), 200),
  goesOn('two request ids', '9110 §5.3', 'MAY', head(`X-Request-Id: b\r\nX-Trace-Id: b\r\n`), 200, newIds),
  goesOn('an underscore for the hyphen of a length', '9110 §5.1', 'MUST', head('Content_Length: 5\r\n'), 200),
  goesOn('an underscore for the hyphen of a coding', '9110 §5.1', 'MUST', head('Transfer_Encoding: chunked\r\n'), 200),
  goesOn('a hundred headers', '9110 §5.4', 'MAY', head('X-A: b\r\n'.repeat(97)), 200),
  ends('a hundred and one headers', '9110 §5.4', 'MAY', head('X-A: b\r\n'.repeat(98)), 431),
  goesOn('a head of 32 KiB', '9110 §5.4', 'MAY', headOf(32_768), 200),
  ends('a head of 32 KiB and a byte', '9110 §5.4', 'MAY', headOf(32_769), 431),
  ends('a header that never ends', '9110 §5.4', 'MAY', `GET /livez HTTP/1.1\r\n${ids}X-A: ${'b'.repeat(40_000)}`, 431),
  ends('no colon', '9112 §2.2', 'SHOULD', head('X-A\r\n'), 400),
  ends('no name', '9112 §2.2', 'SHOULD', head(': b\r\n'), 400),
  ends('a space before the colon', '9112 §5.1', 'MUST', head('X-A : b\r\n'), 400),
  ends('a tab before the colon', '9112 §5.1', 'MUST', head('X-A\t: b\r\n'), 400),
  ends('a space in a name', '9112 §2.2', 'SHOULD', head('X A: b\r\n'), 400),
  ends('a parenthesis in a name', '9112 §2.2', 'SHOULD', head('(X): b\r\n'), 400),
  ends('a NUL in a name', '9112 §2.2', 'SHOULD', head('X\0A: b\r\n'), 400),
  ends('a byte beyond ASCII in a name', '9112 §2.2', 'SHOULD', head('X\xc3\xa9: b\r\n'), 400),
  ends('a folded header', '9112 §5.2', 'MAY', head('X-A: b\r\n c\r\n'), 400, framing),
  ends('a header folded by a tab', '9112 §5.2', 'MAY', head('X-A: b\r\n\tc\r\n'), 400, framing),
  ends('blanks before the first header', '9112 §2.2', 'MAY', `GET /livez HTTP/1.1\r\n ${ids}${host}\r\n`, 400, {
    ...framing,
    ...newIds,
  }),
  ends('a line of blanks', '9112 §5.2', 'MAY', head(' \r\n'), 400, framing),
  ends('a NUL in a value', '9110 §5.5', 'MAY', head('X-A: b\0c\r\n'), 400),
  ends('a control character in a value', '9110 §5.5', 'MAY', head('X-A: b\x01c\r\n'), 400),
  ends('a DEL in a value', '9110 §5.5', 'MAY', head('X-A: b\x7f\r\n'), 400),
  ends('an escape sequence in a value', '9110 §5.5', 'MAY', head('X-A: \x1b[31m\r\n'), 400),
  ends('a bare CR in a value', '9112 §2.2', 'MAY', head('X-A: b\rX-B: c\r\n'), 400, framing),
  ends('two CRs before the LF', '9112 §2.2', 'MAY', head('X-A: b\r\r\n'), 400, framing),
  ends('a bare LF after a header', '9112 §2.2', 'MAY', head('X-A: b\n'), 400, framing),
  ends('a bare LF after the request line', '9112 §2.2', 'MAY', `GET /livez HTTP/1.1\n${ids}${host}\r\n`, 400, {
    ...framing,
    ...newIds,
  }),
  ends('a bare LF at the end', '9112 §2.2', 'MAY', `GET /livez HTTP/1.1\r\n${ids}${host}\n`, 400, framing),
  ends('LFs for all line ends', '9112 §2.2', 'MAY', head('').replaceAll(crlf, '\n'), 400, { ...framing, ...newIds }),
  ends('CRs for all line ends', '9112 §2.2', 'SHOULD', head('').replaceAll(crlf, '\r'), 400, { ...framing, ...newIds }),
  ends('two tokens', '9110 §5.3', 'MAY', head('Authorization: Bearer a\r\nAuthorization: Bearer b\r\n'), 400),
  ends('two ranges', '9110 §5.3', 'MAY', head('Range: bytes=0-0\r\nRange: bytes=1-1\r\n'), 400),
  ends('two dates', '9110 §5.3', 'MAY', head('If-Modified-Since: a\r\nif-modified-since: b\r\n'), 400),
  ends('two origins', '9110 §5.3', 'MAY', head('Origin: null\r\nOrigin: null\r\n'), 400),
  ends('two content types', '9110 §5.3', 'MAY', head('Content-Type: a/b\r\nContent-Type: a/b\r\n'), 400),
];

function headOf(bytes) {
  const filler = bytes - head('X-A: \r\n').length;
  return head(`X-A: ${'b'.repeat(filler)}\r\n`);
}

const fiveAfter = (start) => head(`${start}5\r\n`) + 'hello';
const length = (value) => head(`Content-Length: ${value}\r\n`) + 'hello';
const lengths = [
  goesOn('a length of 0', '9112 §6.2', 'MUST', head('Content-Length: 0\r\n'), 200),
  goesOn('POST with a length of 0', '9112 §6.2', 'MUST', post('Content-Length: 0\r\n'), 405),
  ends('a body on GET', '9110 §9.3.1', 'MAY', length('5'), 413),
  ends('a body on HEAD', '9110 §9.3.2', 'MAY', headOnly(five) + 'hello', 413),
  ends('a body on OPTIONS', '9110 §9.3.7', 'MAY', options(five) + 'hello', 413),
  ends('a body on OPTIONS *', '9110 §9.3.7', 'MAY', everything(five) + 'hello', 413),
  ends('a body on POST', '9112 §9.3', 'MAY', post(five) + 'hello', 405),
  ends('a body to nowhere', '9112 §9.3', 'MAY', line('POST /nowhere HTTP/1.1', five) + 'hello', 404),
  ends('a body of HTTP/1.0', '9112 §9.3', 'MAY', old(five) + 'hello', 413),
  ends('a body whose bytes are a request', '9112 §9.3', 'MAY', head('Content-Length: 50\r\n'), 413),
  ends('a length with many zeros in front', '9112 §6.2', 'MAY', length('00000000000000000000005'), 413),
  ends('a length of 2^63 - 1', '9110 §8.6', 'MAY', length('9223372036854775807'), 413),
  ends('a length of 2^63', '9110 §8.6', 'MUST', length('9223372036854775808'), 400, framing),
  ends('a length of 2^64 + 5', '9110 §8.6', 'MUST', length('18446744073709551621'), 400, framing),
  ends('a length of fifty digits', '9110 §8.6', 'MUST', length('9'.repeat(50)), 400, framing),
  ends('an empty length', '9112 §6.3', 'MUST', length(''), 400, framing),
  ends('a length with a plus', '9112 §6.3', 'MUST', length('+5'), 400, framing),
  ends('a length with a minus', '9112 §6.3', 'MUST', length('-5'), 400, framing),
  ends('a length of minus zero', '9112 §6.3', 'MUST', head('Content-Length: -0\r\n'), 400, framing),
  ends('a length in hex', '9112 §6.3', 'MUST', length('0x5'), 400, framing),
  ends('a length with a fraction', '9112 §6.3', 'MUST', length('5.0'), 400, framing),
  ends('a length with an exponent', '9112 §6.3', 'MUST', length('5e0'), 400, framing),
  ends('a length with a unit', '9112 §6.3', 'MUST', length('5 bytes'), 400, framing),
  ends('a length with a space within', '9112 §6.3', 'MUST', length('0 5'), 400, framing),
  ends('a length in quotes', '9112 §6.3', 'MUST', length('"5"'), 400, framing),
  ends('a length with a vertical tab', '9112 §6.3', 'MUST', length('\x0b5'), 400, framing),
  ends('a length with a NUL', '9112 §6.3', 'MUST', length('5\0'), 400, framing),
  ends('a list of equal lengths', '9112 §6.3', 'MAY', length('5, 5'), 400, framing),
  ends('a list of lengths', '9112 §6.3', 'MUST', length('5, 6'), 400, framing),
  ends('the same length twice', '9112 §6.3', 'MAY', length('5\r\nContent-Length: 5'), 400, framing),
  ends('two lengths', '9112 §6.3', 'MUST', length('5\r\nContent-Length: 6'), 400, framing),
  ends('no length, then one', '9112 §6.3', 'MUST', length('0\r\nContent-Length: 5'), 400, framing),
  ends('a space before the colon of a length', '9112 §5.1', 'MUST', fiveAfter('Content-Length : '), 400, framing),
  ends('a length after a fold', '9112 §5.2', 'MAY', fiveAfter('X-A: b\r\n Content-Length: '), 400, framing),
  ends('a length that is folded', '9112 §5.2', 'MAY', length('\r\n 5'), 400, framing),
  ends('a length after a bare CR', '9112 §2.2', 'MAY', fiveAfter('X-A: b\rContent-Length: '), 400, framing),
  ends('a length after a bare LF', '9112 §2.2', 'MAY', fiveAfter('X-A: b\nContent-Length: '), 400, framing),
  ends('a length after a NUL', '9112 §2.2', 'SHOULD', fiveAfter('\0Content-Length: '), 400, framing),
];

const chunkedAfter = (start) => head(`${start}chunked\r\n`) + chunks;
const coded = (value, body = chunks) => head(`Transfer-Encoding: ${value}\r\n`) + body;
const codings = [
  goesOn('TE and Trailer', '9110 §10.1.4', 'MUST', head('TE: trailers\r\nConnection: TE\r\nTrailer: X-A\r\n'), 200),
  ends('a chunked body on GET', '9110 §15.5.12', 'MAY', coded('chunked'), 411),
  ends('an empty chunked body', '9110 §15.5.12', 'MAY', coded('chunked', '0\r\n\r\n'), 411),
  ends('a chunked body on HEAD', '9110 §15.5.12', 'MAY', headOnly(chunked), 411),
  ends('a chunked body on OPTIONS *', '9110 §15.5.12', 'MAY', everything(chunked), 411),
  ends('a chunked body on POST', '9112 §9.3', 'MAY', post(chunked) + chunks, 405),
  ends('chunked in capitals', '9112 §7', 'MAY', coded('ChUnKeD'), 411),
  ends('chunked with blanks around it', '9112 §5.1', 'MAY', coded('\t chunked \t'), 411),
  ends('chunks, then a length', '9112 §6.1', 'MAY', coded('chunked\r\nContent-Length: 5'), 400, framing),
  ends('a length, then chunks', '9112 §6.1', 'MAY', head(five + chunked) + chunks, 400, framing),
  ends('no length and chunks', '9112 §6.1', 'MAY', head('Content-Length: 0\r\n' + chunked) + chunks, 400, framing),
  ends('a length and an unknown coding', '9112 §6.1', 'MUST', head(`${five}Transfer-Encoding: gzip\r\n`), 400, framing),
  ends('an unknown coding', '9112 §6.3', 'MUST', coded('gzip', ''), 501, framing),
  ends('an unknown coding before chunked', '9112 §6.1', 'SHOULD', coded('gzip, chunked'), 501, framing),
  ends('identity', '9112 §6.3', 'MUST', coded('identity', ''), 501, framing),
  ends('something that ends in chunked', '9112 §6.3', 'MUST', coded('xchunked'), 501, framing),
  ends('something that begins with chunked', '9112 §6.3', 'MUST', coded('chunkedx'), 501, framing),
  ends('chunked with a parameter', '9112 §7', 'SHOULD', coded('chunked;a=b'), 501, framing),
  ends('chunked, but not last', '9112 §6.3', 'MUST', coded('chunked, gzip'), 400, framing),
  ends('chunked twice', '9112 §6.1', 'SHOULD', coded('chunked, chunked'), 400, framing),
  ends('chunked in two headers', '9112 §6.1', 'SHOULD', coded('chunked\r\nTransfer-Encoding: chunked'), 400, framing),
  ends(
    'two codings in two headers',
    '9112 §6.3',
    'MUST',
    head(`${chunked}Transfer-Encoding: identity\r\n`) + chunks,
    400,
    framing,
  ),
  ends('chunked in quotes', '9112 §6.1', 'MAY', coded('"chunked"'), 400, framing),
  ends('chunked with a space within', '9112 §6.1', 'MAY', coded('chun ked'), 400, framing),
  ends('chunked after a vertical tab', '9110 §5.5', 'MAY', coded('\x0bchunked'), 400, framing),
  ends('chunked before a comma', '9110 §5.6.1', 'MAY', coded('chunked,'), 400, framing),
  ends('chunked after a comma', '9110 §5.6.1', 'MAY', coded(',chunked'), 400, framing),
  ends('an empty coding', '9112 §6.1', 'MAY', coded('', ''), 400, framing),
  ends('a folded coding', '9112 §5.2', 'MAY', coded('\r\n chunked'), 400, framing),
  ends('a space before the colon of a coding', '9112 §5.1', 'MUST', chunkedAfter('Transfer-Encoding : '), 400, framing),
  ends(
    'a control before the colon of a coding',
    '9112 §2.2',
    'SHOULD',
    chunkedAfter('Transfer-Encoding\x0b: '),
    400,
    framing,
  ),
  ends('a coding after a bare CR', '9112 §2.2', 'MAY', chunkedAfter('X-A: b\rTransfer-Encoding: '), 400, framing),
  ends('a coding after a bare LF', '9112 §2.2', 'MAY', chunkedAfter('X-A: b\nTransfer-Encoding: '), 400, framing),
  ends('chunks in HTTP/1.0', '9112 §6.1', 'MAY', old(chunked) + chunks, 400, framing),
  ends(
    'chunks in HTTP/1.0 that goes on',
    '9112 §6.1',
    'MAY',
    old(`Connection: keep-alive\r\n${chunked}`) + chunks,
    400,
    framing,
  ),
];

const connections = [
  ends('close', '9112 §9.6', 'MUST', head('Connection: close\r\n'), 200),
  ends('CLOSE', '9110 §7.6.1', 'MUST', head('Connection: CLOSE\r\n'), 200),
  ends('close in a list', '9110 §7.6.1', 'MUST', head('Connection: a,\t close ,b\r\n'), 200),
  ends('close in a second header', '9110 §7.6.1', 'MUST', head('Connection: keep-alive\r\nConnection: close\r\n'), 200),
  ends('close on a problem', '9112 §9.6', 'MUST', line('GET /nowhere HTTP/1.1', 'Connection: close\r\n'), 404),
  goesOn('keep-alive', '9112 §9.3', 'SHOULD', head('Connection: keep-alive\r\n'), 200),
  goesOn('an option that begins with close', '9110 §7.6.1', 'SHOULD', head('Connection: closed\r\n'), 200),
  goesOn('an empty list of options', '9110 §5.6.1', 'MUST', head('Connection: , ,\r\n'), 200),
  goesOn('Proxy-Connection', '9112 §9.3', 'SHOULD', head('Proxy-Connection: close\r\n'), 200),
  goesOn('an upgrade to h2c', '9110 §7.8', 'MAY', head('Connection: Upgrade\r\nUpgrade: h2c\r\n'), 200),
  goesOn('an upgrade to websocket', '9110 §7.8', 'MAY', head('Connection: Upgrade\r\nUpgrade: websocket\r\n'), 200),
];

const expectations = [
  goesOn('100-continue without a body', '9110 §10.1.1', 'MAY', head('Expect: 100-continue\r\n'), 200),
  goesOn('100-continue in capitals', '9110 §10.1.1', 'MAY', head('Expect: 100-CONTINUE\r\n'), 200),
  goesOn('100-continue twice', '9110 §10.1.1', 'MAY', head('Expect: 100-continue\r\nExpect: 100-continue\r\n'), 200),
  goesOn('no expectation', '9110 §5.6.1', 'MUST', head('Expect:\r\n'), 200),
  ends('100-continue in HTTP/1.0', '9110 §10.1.1', 'MUST', old('Expect: 100-continue\r\n'), 200),
  ends('anything in HTTP/1.0', '9110 §10.1.1', 'MAY', old('Expect: miracles\r\n'), 200),
  ends('100-continue with a body', '9110 §10.1.1', 'MAY', length('5\r\nExpect: 100-continue'), 413),
  ends('100-continue with chunks', '9110 §10.1.1', 'MAY', coded('chunked\r\nExpect: 100-continue'), 411),
  ends('100-continue on POST', '9110 §10.1.1', 'MAY', post(`${five}Expect: 100-continue\r\n`) + 'hello', 405),
  ends('an unknown expectation', '9110 §10.1.1', 'MAY', head('Expect: 200-ok\r\n'), 417),
  ends('an unknown expectation in a list', '9110 §10.1.1', 'MAY', head('Expect: 100-continue, 200-ok\r\n'), 417),
];

const incomplete = [
  ends('half a method', '9110 §15.5.9', 'MAY', 'GE', 408, lateUnknown),
  ends('half a request line', '9110 §15.5.9', 'MAY', 'GET /livez HT', 408, lateUnknown),
  ends('half a header', '9110 §15.5.9', 'MAY', `GET /livez HTTP/1.1\r\n${ids}Hos`, 408, late),
  ends('no empty line', '9110 §15.5.9', 'MAY', `GET /livez HTTP/1.1\r\n${ids}${host}`, 408, late),
  ends('a bare CR for an empty line', '9110 §15.5.9', 'MAY', `GET /livez HTTP/1.1\r\n${ids}${host}\r`, 408, late),
];

/** All cases, by group. */
export const groups = [
  ['Request lines', requestLines],
  ['Versions', versions],
  ['Targets', targets],
  ['Hosts', hosts],
  ['Header fields', fields],
  ['Content-Length', lengths],
  ['Transfer-Encoding', codings],
  ['Connection', connections],
  ['Expect', expectations],
  ['Heads that stop half-way', incomplete],
];

export const cases = groups.flatMap(([, list]) => list);

/** The request that must not run behind a case that ends the connection, and must run behind one that goes on. */
export const canary = (id) => `GET /canary HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: ${id}\r\n\r\n`;

/** The method that the answer is read for: HEAD's has no body. */
export const methodOf = ({ raw }) => (/^\s*HEAD /.test(raw) ? 'HEAD' : 'GET');
