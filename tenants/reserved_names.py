"""Names no workspace may have. Singular forms; plurals are derived."""

from __future__ import annotations

_TECHNICAL = """
about abuse access account activate activation ad add address adm admin administration administrator ads
affiliate afp ajax alert analytic android announcement anonymous any anycast api apns app apple application
archive arpa asset auth authentication authorize autoconfig autodiscover avatar backend backup banner bbs beta
billing bind blog board bot bounce broadcasthost bug build bulk business cache calendar callback career cart cas catalog
cdn cert certificate chat checkout ci citrix cloud cluster cname cname-verify cms code comment community company compute
config configuration confirm connect connection console contact contest content contribute control cookie copyright
core corp corporate count crash create creator crm cron crossdomain css customer dashboard data database db
dealer debug default delete demo deploy deployment design dev develop developer development device
devops direct directory dist dkim dmarc dns dnssec doc docker documentation domain download drive dyn
ecommerce edge edit email embed employee enquiry enterprise environment error eu event example exchange explore export
extranet fact faq fastly favicon feature feed feedback file firewall forgot form forum foundation free ftp ftpd
gateway geo get git global go graphql group guest guide hack handler health healthcheck healthz help helpdesk home
host hosting hostmaster hotline hq htm html http https hub icon identity idp image imap img import inbound
inbox index indice info information infra input inquiry insecure install integration internal intranet invite
invitation invoice ip ipv4 ipv6 isatap issue it item java javascript jira job js json keybase kibana kubernetes k8s
lab ldap learn ldaps legal letsencrypt license link linux list listserv live livez lms load local localdomain localhost location
log login logo logout mac mailbox mail mail0 mail1 mail2 mailer mailer-daemon mailerdaemon mailgun mailing mailserver main maintenance
manage management manager map market marketing marketplace master me media member message metric metrics mfa
microservice mirror mob mobile mod moderator monitor monitoring mx mx1 mx2 mx3 my mysql name named nagios net network new news
newsletter nic nobody noc node noreply no-reply notification notify ns ns0 ns1 ns2 ns3 ns4 ns5 ntp null oauth
oauth2 office official oidc old onboarding online open openid operation operator ops order org origin outbound outgoing
overview owa owner page panel partner passkey passwd password pay payment pgp phone photo php phpmyadmin ping plan
platform plugin policy pop pop3 popular portal post postgres postgresql postmaster preview press price pricing
priority privacy private prod product production profile program project promo prometheus proxy public purchase
push query queue quota random readyz recover redirect redis redmine register registration relay release remote render
report repo repository request reset resolve resolver resource rest restricted review robot root router rss rule
saas sale sales sample sandbox saml script scim sdk search secret secure security seller self server service session
set setting setup sftp shop sign sign-in sign-up signin signout signup site sitemap smtp soap socket software source
spam spf sql ssh ssl ssladmin ssladministrator sslwebmaster sso staff stage staging stat static statistic status
store style subdomain subscribe subscription super superuser support survey svn svc sync sys sysadmin sysop system tag
task team tech telnet template tenant term test tester testing theme ticket tls token tool tool traffic training
translate trial trust undefined unsubscribe update upgrade upload url usage user usenet username uucp v1 v2 v3
validation verify verification version video visitor voip vpn wap webdav web webhook webmail webmaster webserver website
welcome whois widget wiki windows wireless work workspace wpad ws wss www www1 www2 www3 wwww xml xmpp xn xxx yaml you zone
"""

# Our own words: everything that is, or may become, an address or an object of the product.
_PRODUCT = """
accounts activity appointment article business-unit businessunit campaign case competitor contract duplicate entity
import-map knowledge lead metadata opportunity option-list pipeline price-list quick-create quote recycle-bin
recyclebin relationship role schedule segment territory timeline view webform workflow public template pool
"""

RESERVED: frozenset[str] = frozenset((_TECHNICAL + _PRODUCT).split()) | {
    "dmarc",
    "domainkey",
    "acme-challenge",
}

# Names that are good for phishing; refused wherever they occur in a name.
BRANDS: tuple[str, ...] = (
    "paypal", "stripe", "klarna", "mastercard", "americanexpress", "sparkasse", "volksbank", "commerzbank",
    "deutschebank", "barclays", "hsbc", "santander", "citibank", "wellsfargo", "chase-bank", "jpmorgan",
    "bankofamerica", "unicredit", "bnpparibas", "creditagricole", "swedbank", "handelsbanken", "nordea",
    "raiffeisen", "revolut", "n26bank", "sberbank", "wiseaccount", "bankid", "coinbase", "binance",
    "blockchain-wallet", "metamask", "google", "gmail", "youtube", "microsoft", "office365", "outlook",
    "onedrive", "sharepoint", "icloud", "appleid", "amazon", "facebook", "instagram", "whatsapp", "linkedin",
    "netflix", "dropbox", "docusign", "adobesign", "salesforce", "hubspot", "pipedrive", "zendesk",
    "dhlexpress", "fedex", "deutschepost", "telekom", "vodafone", "elster", "finanzamt",
)  # fmt: skip
