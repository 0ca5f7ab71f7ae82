using System.Text.Json.Nodes;
using Fovea.Runs;
using Xunit;

namespace Fovea.Cli.Tests;

public sealed class RunCommandTests : IDisposable
{
    private readonly CommandLineFixture _cli = new();

    private string Recipe => _cli.Write("small.toml", Samples.Small);

    private string Out => _cli.Path_("out");

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void Json_is_one_document_with_what_the_contract_says()
    {
        Assert.Equal(0, _cli.Run("run", Recipe, "--out", Out, "--json"));
        JsonNode json = _cli.Json;
        Assert.Equal(1, (int)json["schema"]!);
        Assert.Equal("schema", json.AsObject().First().Key);
        Assert.Equal(Out, (string)json["run"]!);
        Assert.True((double)json["seconds"]! >= 0);
        Assert.Equal(Path.Combine(Out, "report", "index.html"), (string)json["report"]!);
        Assert.Equal(0.93, (double)json["model"]!["top1"]!);
        JsonNode dictionary = json["dictionaries"]![0]!;
        Assert.Equal(
            ["name", "layer", "architecture", "dIn", "dSae", "l0", "fvu", "deadFraction", "loss"],
            dictionary.AsObject().Select(property => property.Key));
        Assert.Equal(Out, Assert.Single(_cli.Workflow.Reports));
    }

    [Fact]
    public void Text_names_the_report_and_progress_goes_to_stderr()
    {
        _cli.Workflow.OnRun = (_, progress, _) => progress.Report(new WorkflowProgress("train", 32, 6000, "images", "loss 2.1"));
        Assert.Equal(0, _cli.Run("run", Recipe, "--out", Out));
        Assert.Contains(Path.Combine(Out, "report", "index.html"), _cli.Output, StringComparison.Ordinal);
        Assert.Contains("top-1 93.0 %", _cli.Output, StringComparison.Ordinal);
        Assert.Contains("train: 32 of 6,000 images (0 %), loss 2.1", _cli.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("train:", _cli.Output, StringComparison.Ordinal);
        Assert.Equal(0, _cli.Run("run", Recipe, "--out", Out, "--quiet"));
        Assert.Equal("", _cli.Error);
    }

    [Fact]
    public void Options_reach_the_workflow_and_the_resolved_recipe()
    {
        Assert.Equal(
            0, _cli.Run("run", Recipe, "--out", Out, "--set", "train.epochs=5", "--set", "dictionary.topk.epochs=1", "--seed", "11",
                "--redo", "harvest", "--device", "cpu"));
        var request = Assert.Single(_cli.Workflow.Requests);
        Assert.Equal((5, 1, 11UL), (request.Settings.Train!.Epochs, request.Settings.Dictionary[0].Options.Epochs, request.Settings.Seed));
        Assert.Equal(("harvest", "cpu", null), (request.Redo, request.Device, request.Until));
        Assert.StartsWith("fovea run ", request.CommandLine, StringComparison.Ordinal);
        string resolved = File.ReadAllText(Path.Combine(Out, "recipe.toml"));
        Assert.Contains("seed = 11                                    # --seed 11\n", resolved, StringComparison.Ordinal);
        Assert.Contains(
            "epochs = 1                                   # --set dictionary.topk.epochs=1\n", resolved, StringComparison.Ordinal);
    }

    [Fact]
    public void Until_reaches_the_workflow_and_its_plan()
    {
        Assert.Equal(0, _cli.Run("run", Recipe, "--out", Out, "--until", "harvest"));
        Assert.Equal(0, _cli.Run("run", Recipe, "--out", Out, "--until", "dictionary block4/topk", "--dry-run"));
        Assert.Equal(["harvest", "dictionary block4/topk"], _cli.Workflow.Requests.Select(request => request.Until));
        // What is there is shown.
        Assert.Equal(Out, Assert.Single(_cli.Workflow.Reports));
    }

    [Fact]
    public void Dry_run_says_what_it_would_take_and_writes_nothing()
    {
        Assert.Equal(0, _cli.Run("run", Recipe, "--out", Out, "--dry-run"));
        Assert.Contains("7,200", _cli.Output, StringComparison.Ordinal);
        Assert.Contains("300,000", _cli.Output, StringComparison.Ordinal);
        Assert.Contains("123.5 MB of 9.9 GB free", _cli.Output, StringComparison.Ordinal);
        Assert.Contains("about 3 min 30 s, up to a factor of ", _cli.Output, StringComparison.Ordinal);
        Assert.Contains(
            "  2 min 30 s  train\n  finished    harvest\n  1 min 00 s  features\n", _cli.Output.ReplaceLineEndings("\n"),
                StringComparison.Ordinal);
        Assert.Contains("small_cnn is trained: one image in 2.5 ms", _cli.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Out));
        Assert.Equal(0, _cli.Run("run", Recipe, "--out", Out, "--dry-run", "--json"));
        Assert.Equal(
            (WorkflowPlan.Uncertainty, "train", 2.5),
                ((double)_cli.Json["uncertainty"]!, (string)_cli.Json["stages"]![0]!["name"]!,
                    (double)_cli.Json["stages"]![0]!["minutes"]!));
        Assert.Equal(("image", 0.0025), ((string)_cli.Json["rates"]![0]!["item"]!, (double)_cli.Json["rates"]![0]!["seconds"]!));
        Assert.Equal(
            (7200, 300_000, 123_456_789, 9_876_543_210, 3.5),
            ((long)_cli.Json["images"]!, (long)_cli.Json["vectors"]!, (long)_cli.Json["bytes"]!, (long)_cli.Json["freeBytes"]!,
                (double)_cli.Json["minutes"]!));
    }

    [Theory]
    [InlineData(2, "configuration", "--set", "train.epochs=x")]
    [InlineData(2, "configuration", "--threads", "0")]
    [InlineData(2, "configuration", "--device", "tpu")]
    [InlineData(2, "configuration", "--redo", "everything")]
    [InlineData(2, "configuration", "--until", "report")]
    [InlineData(1, "usage", "--nonsense", "1")]
    public void Wrong_options_have_their_exit_codes_in_text_and_json(int expected, string kind, string option, string value)
    {
        Assert.Equal(expected, _cli.Run("run", Recipe, option, value));
        Assert.Equal("", _cli.Output);
        Assert.StartsWith("error: ", _cli.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", _cli.Error, StringComparison.Ordinal);
        Assert.Equal(expected, _cli.Run("run", Recipe, option, value, "--json"));
        Assert.Equal(
            (1, kind, expected), ((int)_cli.Json["schema"]!, (string)_cli.Json["error"]!["kind"]!, (int)_cli.Json["error"]!["exitCode"]!));
        Assert.NotEqual("", (string)_cli.Json["error"]!["message"]!);
        Assert.Empty(_cli.Workflow.Requests);
    }

    [Fact]
    public void A_missing_recipe_is_missing_data() => Assert.Equal(3, _cli.Run("run", _cli.Path_("absent.toml")));

    [Fact]
    public void The_unknown_key_message_is_exact()
    {
        string recipe = _cli.Write("bad.toml", Samples.Small.Replace("epochs = 2", "epoch = 2", StringComparison.Ordinal));
        Assert.Equal(2, _cli.Run("run", recipe));
        Assert.Equal($"error: {recipe}:14:1: unknown key 'epoch' in [train]. Did you mean 'epochs'?{Environment.NewLine}", _cli.Error);
    }

    [Fact]
    public void A_folder_with_other_things_is_not_written_to()
    {
        Assert.Equal(2, _cli.Run("run", Recipe, "--out", _cli.Folder));
        Assert.False(File.Exists(_cli.Path_("recipe.toml")));
    }

    [Theory]
    [InlineData(130)]
    [InlineData(143)]
    public void An_interruption_says_how_to_continue(int signal)
    {
        _cli.Workflow.OnRun = (_, _, cancellation) =>
        {
            _cli.Interruption.Raise(signal);
            cancellation.ThrowIfCancellationRequested();
        };
        Assert.Equal(signal, _cli.Run("run", Recipe, "--out", Out));
        Assert.Contains(
            $"The same command continues from the last checkpoint: fovea run {Recipe} --out {Out}", _cli.Error, StringComparison.Ordinal);
        Assert.Empty(_cli.Workflow.Reports);
    }

    [Fact]
    public void A_stack_trace_only_with_verbose()
    {
        _cli.Workflow.OnRun = (_, _, _) => throw new InvalidOperationException("surprise");
        Assert.Equal(70, _cli.Run("run", Recipe, "--out", Out));
        Assert.Contains("bug", _cli.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", _cli.Error, StringComparison.Ordinal);
        Assert.Equal(70, _cli.Run("run", Recipe, "--out", Out, "--verbose", "--json"));
        Assert.Contains("   at ", _cli.Error, StringComparison.Ordinal);
        Assert.Equal("bug", (string)_cli.Json["error"]!["kind"]!);
    }

    [Fact]
    public void The_demo_runs_its_own_recipe()
    {
        Assert.Equal(0, _cli.Run("demo", "--out", Out, "--json"));
        Assert.Equal(("demo", "shapesworld"), (_cli.Workflow.Requests[0].Settings.Name, _cli.Workflow.Requests[0].Settings.Data.Source));
    }
}
