using System.Globalization;
using Fovea.Explorer;
using Fovea.Runs;
using TorchSharp;

namespace Fovea.Cli.Workflows;

/// <summary>Adapter to the library's workflow and to the report: the one file that knows both sides.</summary>
internal sealed class WorkflowRunner : IWorkflowRunner
{
    public WorkflowCost Plan(WorkflowRequest request)
    {
        var plan = Workflow(request, new WorkflowOptions()).Plan();
        return new WorkflowCost(plan.Images, plan.Vectors, plan.Bytes, plan.FreeBytes, plan.Minutes);
    }

    public WorkflowOutcome Run(WorkflowRequest request, IProgress<WorkflowProgress> progress, Action<string> log, CancellationToken cancellation)
    {
        var run = new RunFolder(request.Run);
        // A recipe that is refused must not replace the one that the folder was made from.
        if (!File.Exists(run.Recipe)) AtomicFile.WriteText(run.Recipe, request.ResolvedRecipe);
        var options = new WorkflowOptions
        {
            Redo = request.Redo,
            Until = request.Until,
            Command = request.CommandLine,
            Device = DeviceOf(request.Device),
            Progress = progress,
            Log = line =>
            {
                File.AppendAllText(run.Log, $"{DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} {line}\n");
                log(line);
            },
        };
        var result = Workflow(request, options).Run(cancellation);
        AtomicFile.WriteText(run.Recipe, request.ResolvedRecipe);
        return new WorkflowOutcome(result.Run, new ModelOutcome(result.Top1, result.Top5, result.Loss),
            [.. result.Dictionaries.Select(one => new DictionaryOutcome(
                one.Name, one.Layer, one.Architecture, one.DIn, one.DSae, one.L0, one.Fvu, one.DeadFraction, one.Loss))]);
    }

    public Task<string> BuildReportAsync(string runFolder, CancellationToken cancellation) => ReportBuilder.BuildAsync(runFolder, cancellation);

    private static Workflow Workflow(WorkflowRequest request, WorkflowOptions options) =>
        new(request.Settings, request.RecipeFolder, new RunFolder(request.Run), options);

    private static torch.Device DeviceOf(string name) => name switch
    {
        "cpu" => torch.CPU,
        "cuda" => torch.CUDA,
        "mps" => torch.MPS,
        _ => torch.cuda_is_available() ? torch.CUDA : torch.CPU,
    };
}
