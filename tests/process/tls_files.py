"""Certificates that sign themselves, and clients that trust them."""

import functools
import os
import ssl
import subprocess

KINDS = {
    "ec": ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
    "rsa": ("-newkey", "rsa:2048"),
}


class Certificate:
    """`NAME.pem` and `NAME.key` in `folder`, good for 127.0.0.1."""

    def __init__(self, folder, name, *, kind="ec", passphrase=None):
        self.certificate = folder / f"{name}.pem"
        self.key = folder / f"{name}.key"
        command = ["openssl", "req", "-x509", *KINDS[kind], "-days", "2"]
        command += ["-nodes"] if passphrase is None else ["-passout", f"pass:{passphrase}"]
        command += ["-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1"]
        command += ["-keyout", str(self.key), "-out", str(self.certificate)]
        subprocess.run(command, check=True, capture_output=True)
        self.der = ssl.PEM_cert_to_DER_cert(self.certificate.read_text())

    @property
    def options(self):
        return ("--tls-certificate-file", self.certificate, "--tls-key-file", self.key)

    def replace_with(self, other):
        """Puts another's files into the place of these, as a tool that renews certificates does."""
        for mine, theirs in ((self.key, other.key), (self.certificate, other.certificate)):
            new = mine.with_suffix(".new")
            new.write_bytes(theirs.read_bytes())
            os.replace(new, mine)

    def context(self, *others, least=None, most=None):
        """A client that trusts this certificate and `others`."""
        made = ssl.create_default_context(cafile=self.certificate)
        for other in others:
            made.load_verify_locations(other.certificate)
        if least is not None:
            made.minimum_version = least
        if most is not None:
            made.maximum_version = most
        return made

    def wrap(self, *others, **options):
        """For RawClient. A stream that ends without close_notify is an error to it."""
        return functools.partial(
            self.context(*others, **options).wrap_socket,
            server_hostname="127.0.0.1",
            suppress_ragged_eofs=False,
        )
