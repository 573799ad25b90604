/*
 * The rival in C: libxmlsec1 verifies every signature of one response, over and over. It checks the signatures and nothing
 * else: no schema, no times, no content.
 *
 *   xmlsec-loop RESPONSE.xml PUBLIC-KEY.pem
 *
 * Each line on standard input is a number of milliseconds of CPU to work for; each answer the microseconds of CPU a validation took.
 */
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xmlsec/crypto.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

/* Of CPU, of this process. */
static double microseconds(void) {
  struct timespec at;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
  return at.tv_sec * 1e6 + at.tv_nsec / 1e3;
}

static void fail(const char *what) {
  fprintf(stderr, "xmlsec-loop: %s\n", what);
  exit(1);
}

static int verifySignature(xmlNodePtr signature, xmlSecKeyPtr key) {
  xmlSecDSigCtxPtr context = xmlSecDSigCtxCreate(NULL);
  if (context == NULL) fail("no context");
  context->signKey = key;
  int verified = xmlSecDSigCtxVerify(context, signature) >= 0 && context->status == xmlSecDSigStatusSucceeded;
  /* Lent, not given: copying a key takes longer than it should count here. */
  context->signKey = NULL;
  xmlSecDSigCtxDestroy(context);
  return verified;
}

/* The signatures that are children of the response or of one of its children. */
static int verifyAll(xmlNodePtr element, xmlSecKeyPtr key, int depth) {
  int count = 0;
  for (xmlNodePtr child = element->children; child != NULL; child = child->next) {
    if (child->type != XML_ELEMENT_NODE) continue;
    if (xmlSecCheckNodeName(child, xmlSecNodeSignature, xmlSecDSigNs)) {
      if (!verifySignature(child, key)) fail("a signature does not verify");
      count++;
    } else if (depth > 0) {
      count += verifyAll(child, key, depth - 1);
    }
  }
  return count;
}

static void validate(const char *text, int length, xmlSecKeyPtr key) {
  static const xmlChar *ids[] = {BAD_CAST "ID", NULL};
  xmlDocPtr document = xmlReadMemory(text, length, NULL, NULL, XML_PARSE_NONET);
  if (document == NULL) fail("not well-formed");
  xmlNodePtr root = xmlDocGetRootElement(document);
  xmlSecAddIDs(document, root, ids);
  if (verifyAll(root, key, 1) == 0) fail("no signature");
  xmlFreeDoc(document);
}

static char *readFile(const char *path, int *length) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) fail("cannot read the response");
  fseek(file, 0, SEEK_END);
  *length = (int)ftell(file);
  rewind(file);
  char *text = malloc(*length);
  if (text == NULL || fread(text, 1, *length, file) != (size_t)*length) fail("cannot read the response");
  fclose(file);
  return text;
}

int main(int count, char **arguments) {
  if (count != 3) fail("wants RESPONSE.xml PUBLIC-KEY.pem");
  xmlInitParser();
  if (xmlSecInit() < 0 || xmlSecCryptoAppInit(NULL) < 0 || xmlSecCryptoInit() < 0) fail("no xmlsec");
  int length;
  char *text = readFile(arguments[1], &length);
  xmlSecKeyPtr key = xmlSecCryptoAppKeyLoad(arguments[2], xmlSecKeyDataFormatPem, NULL, NULL, NULL);
  if (key == NULL) fail("no key");
  char line[64];
  while (fgets(line, sizeof line, stdin) != NULL) {
    double begun = microseconds(), spent = 0;
    long units = 0;
    while (spent < 1e3 * atof(line)) {
      for (int count = 0; count < 8; count++, units++) validate(text, length, key);
      spent = microseconds() - begun;
    }
    printf("%f\n", spent / units);
    fflush(stdout);
  }
  return 0;
}
