using Xunit;

namespace Fovea.Cli.Tests;

public sealed class StageCommandTests : IDisposable
{
    private readonly CommandLineFixture _cli = new();

    public StageCommandTests()
    {
        Assert.Equal(0, _cli.Run("run", _cli.Write("small.toml", Samples.Small), "--out", Run));
        _cli.Workflow.Requests.Clear();
        _cli.Workflow.Reports.Clear();
    }

    private string Run => _cli.Path_("run");

    public void Dispose() => _cli.Dispose();

    private void Write(string path, string text)
    {
        string full = Path.Combine(Run, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    private const string Scores = """{"loss":1,"top1":0.5,"top5":0.9}""";

    [Fact]
    public void Train_takes_the_recipe_of_the_run_with_the_options_over_it()
    {
        Write("model/history.jsonl", string.Concat(new[] { 1, 2 }.Select(epoch =>
            $"{{\"schema\":1,\"epoch\":{epoch},\"learningRate\":0.5,\"train\":{Scores},\"validation\":{Scores}}}\n")));
        Assert.Equal(0, _cli.Run("train", "--run", Run, "--epochs", "3", "--learning-rate", "0.5", "--redo", "--json"));
        var request = Assert.Single(_cli.Workflow.Requests);
        Assert.Equal(
            (3, 0.5, "train", "train"), (request.Settings.Train!.Epochs, request.Settings.Train.LearningRate, request.Until, request.Redo));
        Assert.Equal(
            (0.93, 0.99, 0.25, 2),
                ((double)_cli.Json["top1"]!, (double)_cli.Json["top5"]!, (double)_cli.Json["loss"]!, (int)_cli.Json["epochs"]!));
        Assert.Empty(_cli.Workflow.Reports);
        string resolved = File.ReadAllText(Path.Combine(Run, "recipe.toml"));
        Assert.Contains("# --epochs 3\n", resolved, StringComparison.Ordinal);
        Assert.Contains("# small.toml line 7\n", resolved, StringComparison.Ordinal);
    }

    [Fact]
    public void Harvest_adds_layers_and_reports_what_lies_on_the_disk()
    {
        Write("activations/block3/manifest.json", """
            {"schema":1,"layer":"block3","images":10,"vectors":640,"channels":32,"grid":[8,8],"damaged":0,"source":"images","shards":
            [{"file":"vectors-00000.safetensors","firstRow":0,"rows":640}],"filters":["none"],"split":{"seed":7,"validationFraction":0,"validationImages":[]}}
            """);
        Write("activations/block3/filters.json", """
            {"schema":1,"images":10,"filters":[{"name":"none","formula":"1","allZero":0,"allZeroFraction":0},{"name":"median","formula":"median","allZero":5,"allZeroFraction":0.5}],
            "compared":[],"cosine":[],"spearman":[],"pairImages":[]}
            """);
        Assert.Equal(0, _cli.Run("harvest", "--run", Run, "--layer", "block3", "--filter", "none", "magnitude", "median", "--json"));
        var harvest = _cli.Workflow.Requests[0].Settings.Harvest!;
        Assert.Equal(["block4", "block3"], harvest.Layers);
        Assert.Equal(["none", "magnitude", "median"], harvest.Filters);
        Assert.Equal((640, 32, 8), ((long)_cli.Json["vectors"]!, (int)_cli.Json["channels"]!, (int)_cli.Json["grid"]![1]!));
        Assert.Equal(("median", 0.5), ((string)_cli.Json["filters"]![1]!["name"]!, (double)_cli.Json["filters"]![1]!["allZeroFraction"]!));
    }

    [Fact]
    public void Sae_train_changes_a_dictionary_or_adds_one()
    {
        Assert.Equal(0, _cli.Run("sae", "train", "--run", Run, "--name", "l1", "--epochs", "1"));
        Assert.Equal([4, 1], _cli.Workflow.Requests[0].Settings.Dictionary.Select(dictionary => dictionary.Options.Epochs));
        Assert.Equal(0, _cli.Run("sae", "train", "--run", Run, "--arch", "jumprelu", "--sparsity", "0.5", "--json"));
        var added = _cli.Workflow.Requests[1].Settings.Dictionary[2];
        Assert.Equal(
            ("jumprelu", "jumprelu", "block4", 0.5),
                (added.Name, added.Options.Variant.Architecture, added.Layer, added.Options.Variant.Sparsity));
        Assert.Equal("dictionary", _cli.Workflow.Requests[1].Until);
        Assert.Equal("topk", (string)_cli.Json["dictionaries"]![0]!["name"]!);
        Assert.Equal(2, _cli.Run("sae", "train", "--run", Run, "--name", "unheard-of"));
    }

    [Fact]
    public void Report_is_built_and_named()
    {
        Assert.Equal(0, _cli.Run("report", "--run", Run, "--json"));
        Assert.Equal(Path.Combine(Run, "report", "index.html"), (string)_cli.Json["report"]!);
    }

    [Fact]
    public void Report_of_a_folder_that_is_no_run_is_refused_and_nothing_is_written()
    {
        Directory.CreateDirectory(_cli.Path_("photographs"));
        Assert.Equal(3, _cli.Run("report", "--run", _cli.Path_("photographs")));
        Assert.Contains("is no run folder", _cli.Error, StringComparison.Ordinal);
        Assert.Empty(_cli.Workflow.Reports);
        Assert.Equal(3, _cli.Run("report", "--run", _cli.Path_("absent")));
    }

    [Fact]
    public void What_a_report_could_not_read_is_said_even_when_quiet()
    {
        _cli.Workflow.Unreadable.Add("model/errors.json is damaged.");
        Assert.Equal(3, _cli.Run("report", "--run", Run, "-q"));
        Assert.Contains("warning: model/errors.json is damaged.", _cli.Error, StringComparison.Ordinal);
        Assert.Contains("index.html", _cli.Output, StringComparison.Ordinal);
        Assert.Equal(3, _cli.Run("report", "--run", Run, "--json"));
        Assert.Equal("model/errors.json is damaged.", (string)Assert.Single(_cli.Json["unreadable"]!.AsArray())!);
        _cli.Workflow.Unreadable.Clear();
        Assert.Equal(0, _cli.Run("report", "--run", Run));
    }

    [Fact]
    public void Curves_go_to_TensorBoard()
    {
        Write("model/history.jsonl",
            """{"schema":1,"epoch":1,"learningRate":0.1,"train":{"loss":2,"top1":0.5,"top5":1},"validation":{"loss":3,"top1":0.5,"top5":1}}""" + "\n");
        Assert.Equal(0, _cli.Run("tensorboard", "--run", Run, "--out", _cli.Path_("events"), "--json"));
        Assert.Equal(2, _cli.Json["files"]!.AsArray().Count);
        Assert.All(_cli.Json["files"]!.AsArray(), file => Assert.True(File.Exists((string)file!)));
        Assert.Equal(3, _cli.Run("tensorboard", "--run", _cli.Path_("absent"), "--out", _cli.Path_("events")));
    }

    [Theory]
    [InlineData("train")]
    [InlineData("harvest")]
    [InlineData("sae", "train")]
    public void A_folder_without_a_run_is_missing_data(params string[] command)
    {
        Assert.Equal(3, _cli.Run([.. command, "--run", _cli.Path_("absent")]));
        Assert.Equal(1, _cli.Run(command));
    }
}
