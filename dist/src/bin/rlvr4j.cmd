@echo off
rem Runs the command rlvr4j on the Java runtime beside it. RLVR4J_JAVA_OPTS adds options for the JVM.
setlocal
set "RLVR4J_HOME=%~dp0.."
set RLVR4J_START=
if exist "%RLVR4J_HOME%\rlvr4j.jsa" set RLVR4J_START="-XX:SharedArchiveFile=%RLVR4J_HOME%\rlvr4j.jsa" "-Xlog:cds*=off,aot*=off"
"%RLVR4J_HOME%\runtime\bin\java.exe" "@%RLVR4J_HOME%\jvm.options" %RLVR4J_START% %RLVR4J_JAVA_OPTS% -jar "%RLVR4J_HOME%\rlvr4j.jar" %*
exit /b %ERRORLEVEL%
