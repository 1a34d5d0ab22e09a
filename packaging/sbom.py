"""Prints what a binary is made of, as SPDX 2.3: what its linker read, by the Debian packages that it came from.

usage: packaging/sbom.py NAME VERSION BINARY LINKED

LINKED is what the linker's --dependency-file holds. What the libraries need in turn is theirs to say.
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import uuid


def said(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}).stdout


def inputs(linked):
    """The files that the linker read and that are not of this tree: its own objects, and text that names libraries."""
    rule = pathlib.Path(linked).read_text().split("\n\n")[0].split(":", 1)[1]
    for path in sorted({os.path.realpath(word) for word in rule.replace("\\\n", " ").split()}):
        with open(path, "rb") as file:
            is_binary = file.read(8).startswith((b"\x7fELF", b"!<arch>", b"!<thin>"))
        if is_binary and not path.startswith(os.getcwd() + os.sep):
            yield path


def owner(path):
    """The Debian package of a file, and its version. A file of /usr may be listed by the name that it had before."""
    for name in (path, path.removeprefix("/usr")):
        try:
            package = said("dpkg-query", "--search", name).split(": ")[0]
        except subprocess.CalledProcessError:
            continue
        return said("dpkg-query", "--show", "--showformat", "${Package} ${Version} ${Architecture}", package).split()
    sys.exit(f"error: no package owns {path}, which is linked")


def main(name, version, binary, linked):
    swift = shutil.which(os.environ.get("SWIFT", "swift"))
    toolchain = os.path.dirname(os.path.dirname(os.path.realpath(swift))) + os.sep
    parts = {}
    for path in inputs(linked):
        link = "DYNAMIC_LINK" if ".so" in os.path.basename(path) else "STATIC_LINK"
        if path.startswith(toolchain):
            release = re.search(r"Swift version (\S+)", said(swift, "--version")).group(1)
            part = ("swift-runtime", release, f"pkg:generic/swift-runtime@{release}", "Swift project")
        else:
            package, number, architecture = owner(path)
            address = f"pkg:deb/debian/{package}@{number}?arch={architecture}".replace("+", "%2B")
            part = (package, number, address, "Debian")
        parts[part, link] = None

    digest = hashlib.sha256(pathlib.Path(binary).read_bytes()).hexdigest()
    moment = time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"]))
    own = {
        "SPDXID": "SPDXRef-binary", "name": name, "versionInfo": version, "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False, "licenseConcluded": "NOASSERTION", "licenseDeclared": "Apache-2.0",
        "copyrightText": "NOASSERTION", "checksums": [{"algorithm": "SHA256", "checksumValue": digest}],
    }
    packages, relationships = [own], [
        {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": own["SPDXID"]}]
    for ((package, number, address, supplier), link) in sorted(parts):
        identifier = "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", package)
        if not any(known["SPDXID"] == identifier for known in packages):
            packages.append({
                "SPDXID": identifier, "name": package, "versionInfo": number, "supplier": f"Organization: {supplier}",
                "downloadLocation": "NOASSERTION", "filesAnalyzed": False, "licenseConcluded": "NOASSERTION",
                "licenseDeclared": "NOASSERTION", "copyrightText": "NOASSERTION",
                "externalRefs": [{
                    "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": address}],
            })
        relationships.append({
            "spdxElementId": own["SPDXID"], "relationshipType": link, "relatedSpdxElement": identifier})
    json.dump({
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"{name}-{version}",
        "documentNamespace": uuid.uuid5(uuid.NAMESPACE_OID, f"{name} {digest}").urn,
        "creationInfo": {
            "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", moment), "creators": ["Tool: airlock packaging/sbom.py"]},
        "packages": packages, "relationships": relationships,
    }, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main(*sys.argv[1:])
