"""One file of settings. Everything that differs between places comes from the environment (`conf`); everything else is fixed here."""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONCE, NONE, SELF

from . import conf

HERE = Path(__file__).resolve().parent
HOME = conf.home()
SECRET_KEY = conf.secret(HOME)
DEBUG = False
ALLOWED_HOSTS = conf.names("HOSTS", "127.0.0.1,localhost")
BUREAU = conf.text("BUREAU", "示例县商务局（演示）")  # whose system this is, on every page
DEMONSTRATION = conf.switch("DEMONSTRATION")  # says on every page that nothing here is real

INSTALLED_APPS = [
    "duixian.web.registry", "duixian.web.record", "duixian.web.treasury", "duixian.web.cases", "duixian.web.jobs",
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages", "django.contrib.staticfiles", "django.contrib.humanize",
    "allauth", "allauth.account", "allauth.mfa", "allauth.socialaccount", "allauth.socialaccount.providers.openid_connect", "axes", "csp", "django_htmx",
]  # fmt: skip
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "duixian.web.troubles.OnceAMinute",
    "duixian.web.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "duixian.web.seats.SeatMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "duixian.web.troubles.TroubleMiddleware",
]
ROOT_URLCONF = "duixian.web.urls"
WSGI_APPLICATION = "duixian.web.wsgi.application"
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [HERE / "templates"], "APP_DIRS": True,
    "OPTIONS": {
        "context_processors": ["django.template.context_processors.request", "django.contrib.auth.context_processors.auth", "django.contrib.messages.context_processors.messages", "duixian.web.seats.page"],
        "builtins": ["duixian.web.cases.templatetags.words", "duixian.web.cases.templatetags.said"],
        "libraries": {"i18n": "duixian.web.cases.templatetags.words"},
    },
}]  # fmt: skip
DATABASES = {"default": conf.database(HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "registry.User"

# --- language and time: Chinese first, one time zone -------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [HERE / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# --- files -------------------------------------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATICFILES_DIRS = [HERE / "static"]
WHITENOISE_USE_FINDERS = True  # static files are served from where they stand: no collecting, no build step
UPLOADS = HOME / "uploads"  # never served by name; only through a view that asks who may read
POLICY_SOURCE = Path(conf.text("POLICIES", str(HERE.parent.parent.parent / "policies"))).resolve()  # policies that may be taken in by name
POLICIES = HOME / "policies"  # every version of a policy that a cycle was ever made from
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 << 20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
FILE_UPLOAD_HANDLERS = ["duixian.web.cases.files.Bound", "django.core.files.uploadhandler.MemoryFileUploadHandler", "django.core.files.uploadhandler.TemporaryFileUploadHandler"]
UPLOAD_MOST_BYTES = conf.whole("UPLOAD_MOST_MB", 20) << 20
CALCULATOR_MOST = conf.whole("CALCULATOR_MOST", 600)  # tries of the public calculator from one address in ten minutes
SCANNER = conf.text("SCANNER")  # host:port of clamd; empty: none configured

# --- who may come in ---------------------------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend", "allauth.account.auth_backends.AuthenticationBackend"]
# scrypt: memory-hard, of the standard library
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL, LOGIN_REDIRECT_URL, LOGOUT_REDIRECT_URL = "account_login", "/", "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_RATE_LIMITS = {"login_failed": None}  # locked by axes, in the database: the same in every process
ACCOUNT_ADAPTER = "duixian.web.registry.doors.AccountDoor"
SOCIALACCOUNT_ADAPTER = "duixian.web.registry.doors.SocialDoor"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "兑现"
MFA_PASSKEY_LOGIN_ENABLED = True
# a provincial identity by OpenID Connect: DUIXIAN_OIDC_URL (issuer), _CLIENT, _SECRET_FILE, _NAME; _PARTY_CLAIM: the claim with the credit code it vouches for
OIDC_PARTY_CLAIM = conf.text("OIDC_PARTY_CLAIM")
SOCIALACCOUNT_PROVIDERS = conf.identity()
SOCIALACCOUNT_AUTO_SIGNUP, SOCIALACCOUNT_LOGIN_ON_GET, SOCIALACCOUNT_STORE_TOKENS = True, False, False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False  # an address proves nothing: an identity is linked by its subject alone
STAFF_NEED_SECOND_FACTOR = conf.switch("SECOND_FACTOR", True)
AXES_FAILURE_LIMIT, AXES_COOLOFF_TIME, AXES_LOCK_OUT_AT_FAILURE = 5, 0.25, True  # five wrong passwords: a quarter of an hour
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "locked.html"
AXES_USERNAME_CALLABLE = "duixian.web.registry.doors.tried_name"
SESSION_ENGINE = "duixian.web.sessions"
SESSION_COOKIE_AGE = conf.whole("SESSION_MINUTES", 60) * 60
SESSION_SAVE_EVERY_REQUEST = False  # troubles.OnceAMinute renews a session in use

# --- what a browser may do ---------------------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {"DIRECTIVES": {
    "default-src": [NONE], "script-src": [SELF, NONCE], "style-src": [SELF], "img-src": [SELF, "data:"], "font-src": [SELF], "connect-src": [SELF],
    "form-action": [SELF], "frame-ancestors": [NONE], "base-uri": [NONE], "object-src": [NONE],
}}  # fmt: skip
SECURE_HTTPS = conf.switch("HTTPS")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = SECURE_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_HTTPS else 0
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "duixian.web.unsent.form_too_old"

# --- messages out ------------------------------------------------------------------------------------------------------------------------
EMAIL_BACKEND = conf.text("EMAIL", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = HOME / "mail"
SMS_GATEWAY = conf.text("SMS", "duixian.web.cases.sms.FileGateway")
SMS_FOLDER = HOME / "sms"  # the default gateway writes each message as a file
LOGGING = {"version": 1, "disable_existing_loggers": False, "handlers": {"console": {"class": "logging.StreamHandler"}},
           "loggers": {"django": {"handlers": ["console"], "level": "WARNING"}, "axes": {"level": "ERROR"}, "duixian": {"handlers": ["console"], "level": "INFO"}}}  # fmt: skip
