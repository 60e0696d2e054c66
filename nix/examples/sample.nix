# A small mail and web server: what the world sees comes from Let's Encrypt, all else from its
# own CA, its secrets from age files beside its configuration. docs/manifest.md shows what
# becomes of it.
{
  networking.hostName = "web1";

  security.acme = {
    acceptTerms = true;
    defaults = {
      email = "hostmaster@example.com";
      issuers = [ "local" ];
      reloadServices = [ "nginx.service" ];
    };
    certs."www.example.com" = {
      extraDomainNames = [
        "example.com"
        "*.example.com"
      ];
      group = "nginx";
    };
    # The private CA stands in until Let's Encrypt has issued it.
    certs."shop.example.com" = {
      issuers = [
        "https://acme-v02.api.letsencrypt.org/directory"
        "local"
      ];
      webroot = "/var/lib/acme/acme-challenge";
      keyType = "ec384";
      group = "nginx";
      postRun = "install -m 0644 cert.pem /var/lib/shop/pinned.pem";
    };
    certs."mail.example.com" = {
      keyType = "rsa2048";
      group = "mail";
      reloadServices = [
        "dovecot2.service"
        "postfix.service"
      ];
    };
    # Nothing but a web server's start depends on this one.
    certs.fallback = {
      domain = "fallback.example.com";
      issuers = [ "selfsigned" ];
    };
  };

  artifacts = {
    default.backend = "agenix";
    # Here, stand-ins: they hold no secret, and nobody has the key.
    config.agenix.flakeStoreDir = ./secrets;

    store.relay-password = {
      description = "password of the mail relay";
      files.password = { };
      prompts.password.description = "password of the relay's account";
      generator = ./relay-password.sh;
      restartServices = [ "postfix.service" ];
    };
    store.grafana = {
      files.env = {
        owner = "grafana";
        group = "grafana";
        mode = "0440";
        path = "/var/lib/grafana/secrets/env";
      };
      generator = ./grafana.sh;
    };
    store.session-key = {
      # A new one at each boot does no harm.
      backend = "dummy";
      files.key.owner = "nginx";
      generator = ./session-key.sh;
      reloadServices = [ "nginx.service" ];
    };
  };

  bindsto = {
    waitForMissing = 20;
    issuers.local = {
      commonName = "example.com machines";
      permittedDomains = [ "example.com" ];
    };
  };
}
