using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Models;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea model list</c>: the catalogue of architectures.</summary>
internal sealed class ModelListCommand : FoveaCommand
{
    public ModelListCommand(AppEnvironment app) : base(app, "list", "The architectures, their input sizes and the layers to look at first.")
    {
        Examples = ["fovea model list"];
    }

    protected override int Execute(CommandContext context)
    {
        var rows = Architectures.All.Select(architecture =>
        {
            using ImageModel network = architecture.Create(1000);
            return new ArchitectureSummary(architecture.Name, architecture.InputSize, architecture.ResizeTo, architecture.DefaultLayer,
                network.Parameters.Values.Sum(parameter => parameter.numel()), network.LayerNames);
        }).ToArray();
        context.Result(
            new ModelListResult(rows),
            text =>
            {
                text.WriteLine($"{"name",-14} {"input",7} {"parameters",12}  default layer");
                foreach (ArchitectureSummary row in rows)
                    text.WriteLine($"{row.Name,-14} {row.InputSize + " px",7} {Humane.Count(row.Parameters),12}  {row.DefaultLayer}");
                text.WriteLine("(parameters with 1,000 classes; all layers: fovea model list --json)");
            });
        return ExitCode.Done;
    }
}
