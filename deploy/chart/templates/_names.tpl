{{- define "leads.name" -}}
{{- printf "%s-leads" .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "leads.selector" -}}
app.kubernetes.io/name: leads
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "leads.labels" -}}
{{ include "leads.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "leads.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag }}
{{- end -}}

{{- define "leads.podSecurity" -}}
automountServiceAccountToken: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "leads.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end -}}

{{- define "leads.database" -}}
- name: LEADS_DATABASE_URL
  valueFrom:
    secretKeyRef: {name: {{ .Values.database.secretName }}, key: {{ .Values.database.secretKey }}}
{{- end -}}

{{- define "leads.environment" -}}
env: {{ include "leads.database" . | nindent 2 }}
  - name: MLFLOW_TRACKING_URI
    value: {{ .Values.mlflow.trackingUri | quote }}
envFrom:
  - configMapRef: {name: {{ include "leads.name" . }}}
  {{- range .Values.secretSettings }}
  - secretRef: {name: {{ . }}}
  {{- end }}
{{- end -}}
