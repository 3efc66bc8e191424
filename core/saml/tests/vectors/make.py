"""Makes the vectors of this folder with other people's libraries.

    pip install lxml==6.* signxml==5.* cryptography && python make.py

Keys, certificates and signatures are new each time; the tests read whatever is there. `samlify.xml` was made once with
samlify 2.13.1 for Node and the key of `provider.pem`, and goes stale with it.
"""

import base64
import datetime
import os
import random

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree
from signxml import DigestAlgorithm, SignatureMethod, XMLSigner
from signxml.algorithms import CanonicalizationMethod

NOW = datetime.datetime(2026, 1, 2, 3, 4, 5)
SAML, SAMLP = "urn:oasis:names:tc:SAML:2.0:assertion", "urn:oasis:names:tc:SAML:2.0:protocol"


def make_key(name, bits):
    key = rsa.generate_private_key(65537, bits)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(NOW)
        .not_valid_after(NOW + datetime.timedelta(days=3650)).sign(key, hashes.SHA256()))
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with open(f"{name}.pem", "wb") as file:
        file.write(private + certificate.public_bytes(pem))
    return key, certificate.public_bytes(pem).decode()


def text(seconds):
    return (NOW + datetime.timedelta(seconds=seconds)).isoformat() + "Z"


def response():
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<samlp:Response xmlns:samlp="{SAMLP}" xmlns:unused="urn:unused" ID="_r1" InResponseTo="_asked" Version="2.0"
    IssueInstant="{text(0)}" Destination="https://sp.example.org/saml2/idpresponse"
  ><saml:Issuer xmlns:saml="{SAML}">https://idp.example.org/metadata</saml:Issuer>
  <!-- said before anything -->
  <samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
  <Assertion xmlns="{SAML}" xmlns:xs="http://www.w3.org/2001/XMLSchema"
      xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" IssueInstant="{text(0)}" Version='2.0' ID='_a1'>
    <Issuer>https://idp.example.org/metadata</Issuer>
    <Subject>
      <NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">ada@example.org</NameID>
      <SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><SubjectConfirmationData
          NotOnOrAfter="{text(300)}" Recipient="https://sp.example.org/saml2/idpresponse"
          InResponseTo="_asked"/></SubjectConfirmation>
    </Subject>
    <Conditions NotBefore="{text(-60)}" NotOnOrAfter="{text(300)}">
      <AudienceRestriction><Audience>urn:amazon:cognito:sp:us-east-1_Example</Audience></AudienceRestriction>
    </Conditions>
    <AuthnStatement AuthnInstant="{text(-5)}" SessionIndex="_s1"><AuthnContext
      ><AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</AuthnContextClassRef
      ></AuthnContext></AuthnStatement>
    <AttributeStatement>
      <Attribute Name="mail"><AttributeValue xsi:type="xs:string">ada@example.org</AttributeValue></Attribute>
      <Attribute Name="groups"><AttributeValue>R&amp;D &lt;all&gt;</AttributeValue><AttributeValue><![CDATA[a & b]]>
</AttributeValue></Attribute>
    </AttributeStatement>
  </Assertion>
</samlp:Response>"""


def sign(element, key, certificate, bits):
    method = getattr(SignatureMethod, f"RSA_SHA{bits}")
    signer = XMLSigner(
        signature_algorithm=method, digest_algorithm=getattr(DigestAlgorithm, f"SHA{bits}"),
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0)
    return signer.sign(element, key=key, cert=certificate, reference_uri=element.get("ID"), id_attribute="ID")


def signed(which, key, certificate, bits):
    root = etree.fromstring(response().encode())
    assertion = root.find(f"{{{SAML}}}Assertion")
    if "assertion" in which:
        tail, place = assertion.tail, list(root).index(assertion)
        new = sign(assertion, key, certificate, bits)
        if assertion.getparent() is not None:
            root.remove(assertion)
        new.tail = tail
        root.insert(place, new)
    if "response" in which:
        root = sign(root, key, certificate, bits)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def by_gcm(key, plain):
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, plain, None)


def by_cbc(key, plain):
    """With the padding of xmlenc-core1, whose last octet alone says anything."""
    vector, missing = os.urandom(16), 16 - len(plain) % 16
    cipher = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    padded = plain + os.urandom(missing - 1) + bytes([missing])
    return vector + cipher.update(padded) + cipher.finalize()


def encrypted(which, seal, bits, oaep, key, certificate, recipient):
    """A response whose assertion is signed or not, then encrypted; and then the whole signed or not."""
    root = etree.fromstring(signed(which & {"assertion"}, key, certificate, 256))
    assertion = root.find(f"{{{SAML}}}Assertion")
    content = AESGCM.generate_key(bits)
    assertion.tail = None
    sealed = seal(content, etree.tostring(assertion))
    algorithm = {
        by_gcm: f"http://www.w3.org/2009/xmlenc11#aes{bits}-gcm",
        by_cbc: f"http://www.w3.org/2001/04/xmlenc#aes{bits}-cbc",
    }[seal]
    sha1, sha256 = hashes.SHA1(), hashes.SHA256()
    hash, mask = (sha1, sha1) if oaep == "rsa-oaep-mgf1p" else (sha256, sha256)
    wrapped = recipient.public_key().encrypt(content, padding.OAEP(padding.MGF1(mask), hash, None))
    method = {
        "rsa-oaep-mgf1p": '<e:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/>',
        "rsa-oaep": '<e:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#rsa-oaep">'
                    '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
                    '<MGF xmlns="http://www.w3.org/2009/xmlenc11#" '
                    'Algorithm="http://www.w3.org/2009/xmlenc11#mgf1sha256"/></e:EncryptionMethod>',
    }[oaep]
    text = lambda value: f"<e:CipherData><e:CipherValue>{base64.encodebytes(value).decode()}</e:CipherValue></e:CipherData>"
    new = etree.fromstring(f"""<saml:EncryptedAssertion xmlns:saml="{SAML}"><e:EncryptedData
        xmlns:e="http://www.w3.org/2001/04/xmlenc#" Type="http://www.w3.org/2001/04/xmlenc#Element"><e:EncryptionMethod
        Algorithm="{algorithm}"/><ds:KeyInfo
        xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><e:EncryptedKey>{method}{text(wrapped)}</e:EncryptedKey></ds:KeyInfo
        >{text(sealed)}</e:EncryptedData></saml:EncryptedAssertion>""")
    root.replace(assertion, new)
    if "response" in which:
        root = sign(root, key, certificate, 256)
    return etree.tostring(root)


def documents(chance):
    """Documents with what canonicalization is about: prefixes declared anew, blanks, entities, instructions."""
    uris = ["urn:a", "urn:b", "urn:c"]
    prefixes = ["", "p", "q", "xs"]

    def element(depth, scope):
        scope = dict(scope)
        declared = []
        for prefix in prefixes:
            if chance.random() < 0.4:
                uri = chance.choice(uris + ([""] if prefix == "" else []))
                scope[prefix] = uri
                declared.append(f' xmlns{":" + prefix if prefix else ""}="{uri}"')
        usable = [prefix for prefix in prefixes if prefix == "" or prefix in scope]
        prefix = chance.choice(usable)
        name = (prefix + ":" if prefix else "") + chance.choice(["one", "two"])
        own, seen = [], set()
        for _ in range(chance.randrange(4)):
            prefix = chance.choice(usable + ["xml"])
            key = (scope.get(prefix, prefix) if prefix else "", chance.choice("zab"))
            if key in seen:
                continue
            seen.add(key)
            value = chance.choice(["1", "&amp;&lt;>&quot;'", "a\tb\nc", "&#9;&#10;&#13;", "é"])
            own.append(f' {prefix + ":" if prefix else ""}{key[1]}="{value}"')
        chance.shuffle(own)
        inner = []
        for _ in range(chance.randrange(4) if depth < 4 else 0):
            inner.append(chance.choice([
                lambda: element(depth + 1, scope), lambda: element(depth + 1, scope), lambda: "<!-- no -->",
                lambda: "<?do this  now?>", lambda: "<?bare?>", lambda: " x\r\n&#13;é&gt;>\"'&amp; ",
                lambda: "<![CDATA[<&>]]>"])())
        body = "".join(inner)
        parts = declared + own
        chance.shuffle(parts)
        if body or chance.random() < 0.5:
            return f"<{name}{''.join(parts)}>{body}</{name}>"
        return f"<{name}{''.join(parts)} />"

    while True:
        yield element(0, {})


def canonical():
    """Lines: document, number of the element in document order, prefixes, canonical form; escaped as Python does."""
    chance, lines = random.Random(7), []
    for document in documents(chance):
        tree = etree.fromstring(document.encode())
        elements = list(tree.iter(etree.Element))
        number = chance.randrange(len(elements))
        if number == 0 and chance.random() < 0.8:
            continue
        prefixes = chance.choice([[], [], ["xs"], ["p", "xs"]])
        out = etree.tostring(elements[number], method="c14n", exclusive=True, with_comments=False,
                             inclusive_ns_prefixes=prefixes or None, with_tail=False)
        fields = [document, str(number), " ".join(prefixes), out.decode()]
        lines.append("\t".join(field.encode("unicode_escape").decode() for field in fields))
        if len(lines) == 200:
            break
    with open("canonical.txt", "w") as file:
        file.write("\n".join(lines) + "\n")


provider, provider_certificate = make_key("provider", 2048)
long, long_certificate = make_key("long", 3072)
other, _ = make_key("other", 2048)
canonical()
for name, which, key, certificate, bits in [
    ("assertion-sha256", ["assertion"], provider, provider_certificate, 256),
    ("response-sha256", ["response"], provider, provider_certificate, 256),
    ("both-sha512", ["assertion", "response"], provider, provider_certificate, 512),
    ("long-key-sha384", ["assertion"], long, long_certificate, 384),
]:
    with open(f"{name}.xml", "wb") as file:
        file.write(signed(which, key, certificate, bits))
for name, which, seal, bits, oaep in [
    ("encrypted-aes256", {"assertion"}, by_gcm, 256, "rsa-oaep-mgf1p"),
    ("encrypted-aes128", {"assertion"}, by_gcm, 128, "rsa-oaep"),
    ("encrypted-signed-around", {"response"}, by_gcm, 256, "rsa-oaep"),
    ("encrypted-unsigned", set(), by_gcm, 256, "rsa-oaep-mgf1p"),
    ("encrypted-cbc256-both", {"assertion", "response"}, by_cbc, 256, "rsa-oaep-mgf1p"),
    ("encrypted-cbc128-signed-around", {"response"}, by_cbc, 128, "rsa-oaep"),
    ("encrypted-cbc256-signed-inside", {"assertion"}, by_cbc, 256, "rsa-oaep-mgf1p"),
]:
    with open(f"{name}.xml", "wb") as file:
        file.write(encrypted(which, seal, bits, oaep, provider, provider_certificate, other))
