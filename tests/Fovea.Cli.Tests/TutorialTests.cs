using System.Diagnostics;
using System.Text.RegularExpressions;
using Fovea.Checkpoints;
using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Models.Onnx;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>
/// <c>docs/tutorial/your-network.md</c> from an empty folder, command by command as written. <c>FOVEA_TUTORIAL_PYTHON</c> names a Python
/// that has PyTorch; without one the network's file is written here, and the part on transformers is left out.
/// </summary>
public sealed partial class TutorialTests : IDisposable
{
    private static readonly string? Python = Environment.GetEnvironmentVariable("FOVEA_TUTORIAL_PYTHON");
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-tutorial-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Its_commands_do_what_it_says()
    {
        Bring("mobilenet_v2-imagenet.pth", "mobilenet_v2-imagenet.pth");
        Bring("imagenet-sample.tar", "photographs.tar");
        Bring("imagenet_classes.tsv", "imagenet_classes.tsv");
        List<string> outputs = [];
        foreach (var (kind, name, text) in TutorialBlocks.Of("your-network.md"))
        {
            if (kind is "python" or "toml")
            {
                Assert.NotEmpty(name);
                File.WriteAllText(Path.Combine(_folder, name), text);
                continue;
            }
            Assert.Equal("sh", kind);
            if (name == "vit" && Python is null) continue;
            foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                string[] words = line.Split(' ');
                if (words is ["python3", ..] && Python is null) Write(Path.Combine(_folder, "mobilenet_v2-imagenet.pth"));
                else outputs.Add(Run(words[0] == "python3" ? Python! : Path.Combine(AppContext.BaseDirectory, words[0]), words[1..]));
            }
        }
        string said = Assert.Single(outputs, output => output.Contains("to harvest", StringComparison.Ordinal));
        Assert.Contains("to harvest   features: the last layer with positions, 1280 × 7 × 7", said, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder, "run", "report", "index.html")));
        string log = File.ReadAllText(Path.Combine(_folder, "run", "log.txt"));
        // The photographs' own classes: what preprocessing and the order of classes are worth shows here.
        double top1 = double.Parse(
            TopOne().Match(log).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(top1, 70, 95);
        Assert.Equal(Python is not null, File.Exists(Path.Combine(_folder, "vit", "report", "index.html")));
    }

    private void Bring(string shared, string name)
    {
        string path = Path.Combine(
            Environment.GetEnvironmentVariable("FOVEA_SHARED") ?? Path.Combine(Checkout.Root, "..", "shared"), "data", shared);
        Assert.SkipUnless(File.Exists(path), $"needs shared/data/{shared} (put the folder beside the checkout or set FOVEA_SHARED)");
        File.Copy(path, Path.Combine(_folder, name));
    }

    private string Run(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        using var process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(20)), $"{program} {string.Join(' ', arguments)} does not end");
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {output.Result}{error.Result}");
        return output.Result;
    }

    /// <summary>What <c>export.py</c> writes: the catalogue's network of the same name, operator by operator.</summary>
    private void Write(string weights)
    {
        using ImageModel model = ImageModel.Open(weights, "mobilenet_v2", 1000);
        ExportTrace trace = ExportTrace.Of(model.Graph, model, new Probe { Output = true }, 224, 224, TestContext.Current.CancellationToken);
        var program = new ProgramFile();
        var names = new Dictionary<string, ProgramFile.Name>();
        foreach (GraphWeight weight in model.Graph.Weights)
        {
            long[] shape = [.. weight.Shape];
            if (weight.Type != ElementType.F32) continue;
            float[] values = model.State[weight.Name].data<float>().ToArray();
            names[weight.Name] = weight.Kind == WeightKind.Parameter
                ? program.Parameter(weight.Name, shape, values) : program.Buffer(weight.Name, shape, values);
        }
        program.Images(-1, 3, 224, 224);
        names[model.Graph.Input] = new("x");
        for (int i = 0; i < model.Graph.Nodes.Count; i++)
        {
            GraphNode node = model.Graph.Nodes[i];
            string value = node.Outputs[0];
            string module = model.Graph.Layers.FirstOrDefault(layer => layer.Value == value)?.Name ?? "";
            ProgramFile.Name Input(int place) => names[node.Inputs[place]];
            long[] shape = [.. trace[value].Sizes.Select(size => size.PerImage ? -1 : size.Count)];
            (string target, (string, object?)[] arguments) = node.Operator.Name switch
            {
                "conv2d" => ("conv2d.default", new (string, object?)[]
                {
                    ("input", Input(0)), ("weight", Input(1)), ("bias", null), ("stride", node.Attributes.Ints("stride")),
                    ("padding", node.Attributes.Ints("padding")), ("dilation", new[] { 1L, 1 }),
                    ("groups", (int)node.Attributes.Int("groups")),
                }),
                "batch_norm" => ("batch_norm.default", [("input", Input(0)), ("weight", Input(1)), ("bias", Input(2)),
                    ("running_mean", Input(3)), ("running_var", Input(4)), ("training", false), ("momentum", 0.1), ("eps", 1e-5)]),
                "relu6" => ("hardtanh_.default", [("self", Input(0)), ("min_val", 0.0), ("max_val", 6.0)]),
                "add" => ("add.Tensor", [("self", Input(0)), ("other", Input(1))]),
                "mean" => ("mean.dim", [("self", Input(0)), ("dim", new[] { 2L, 3 })]),
                "dropout" => ("dropout.default", [("input", Input(0)), ("p", 0.2), ("train", false)]),
                "linear" => ("linear.default", [("input", Input(0)), ("weight", Input(1)), ("bias", Input(2))]),
                var other => throw new NotSupportedException(other),
            };
            names[value] = program.Step($"aten.{target}", $"v{i}", shape, module, arguments);
        }
        program.Output(names[model.Graph.Output]);
        program.Save(_folder, "network");
    }

    [GeneratedRegex(@"original: top-1 ([0-9.]+)%")]
    private static partial Regex TopOne();
}
