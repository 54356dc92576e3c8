// Contract in template_rows.h.
#include "template_rows.h"

#include "data/template.h"

static const char document[] =
    "{\"Id\":\"0123456789abcdef\",\"Name\":\"/web\",\"S\":\"x<y&\\\"q\\\" \xc3\xa9\\u2028\",\"I\":42,"
    "\"F\":1.5,\"B\":true,\"N\":null,\"A\":[1,\"b\",null,true,[2,3],{\"k\":\"v\"}],\"M\":{\"z\":1,"
    "\"a\":\"x\",\"m\":null},\"E\":[],\"EO\":{},\"State\":{\"Status\":\"running\",\"Running\":true,"
    "\"Pid\":4242,\"ExitCode\":0},\"Config\":{\"Env\":[\"A=1\",\"B=2\"],\"Labels\":{\"role\":\"web\","
    "\"b\":\"<2>\"},\"Cmd\":null},\"Mounts\":[{\"Type\":\"volume\",\"Name\":\"v\",\"Source\":\"/s\","
    "\"Destination\":\"/d\",\"Driver\":\"local\",\"Mode\":\"z\",\"RW\":true,\"Propagation\":\"\"}],"
    "\"HostConfig\":{\"Memory\":67108864},\"NetworkSettings\":{\"Ports\":{\"80/tcp\":[{\"HostIp\":\"0.0.0.0\","
    "\"HostPort\":\"8080\"},{\"HostIp\":\"::\",\"HostPort\":\"8080\"}],\"443/tcp\":null}}}";

void qd_template_rows_check(const qd_template_row *rows, size_t n) {
  qd_error err = QD_ERROR_INIT;
  qd_json *root = NULL;
  qd_template_options options = {.strict = true, .raw = true};
  cr_assert_eq(qd_json_parse(qd_slice_of(document), NULL, &root, &err), QD_OK, "%s", err.message);
  for (size_t i = 0; i < n; i++) {
    qd_template *t = NULL;
    qd_buf out;
    qd_buf_init(&out, 1u << 20);
    qd_status st = qd_template_parse(qd_slice_of(rows[i].text), &t, &err);
    if (!st) st = qd_template_run(t, root, &options, &out, &err);
    const char *got = st ? err.message : out.p ? out.p : "";
    cr_expect_str_eq(got, rows[i].want, "%s\n  got  %s\n  want %s", rows[i].text, got, rows[i].want);
    qd_template_free(t);
    qd_buf_deinit(&out);
  }
  qd_json_free(root);
}
