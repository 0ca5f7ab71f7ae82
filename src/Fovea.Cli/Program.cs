using Fovea.Cli;
using Fovea.Cli.Terminal;
using Fovea.Cli.Workflows;
using Fovea.Numerics;

NativeHeap.KeepFreedMemory();
var console = CommandConsole.OfProcess();
using var interruption = Interruption.OfProcess(console.Error);
interruption.EndWithInput(Console.OpenStandardInput);
var app = new AppEnvironment(
    console, new WorkflowRunner(interruption), interruption, ShellLine.Of(["fovea", .. args]), TimeProvider.System);
return new FoveaApplication(app).Run(args);
