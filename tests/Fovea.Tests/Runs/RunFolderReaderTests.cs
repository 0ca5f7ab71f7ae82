using Fovea.Checkpoints;
using Fovea.Interpretation;
using Fovea.Runs;
using Xunit;

namespace Fovea.Tests.Runs;

public sealed class RunFolderReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-reader").FullName;
    private readonly RunFolderReader _run;

    public RunFolderReaderTests() => _run = new RunFolderReader(_folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_absent_is_null_or_empty()
    {
        Assert.Empty(_run.Layers);
        Assert.Empty(_run.OtherTrainings);
        Assert.Empty(_run.Dictionaries("block4"));
        Assert.Empty(_run.Comparisons("block4"));
        Assert.Null(_run.Find<RunRecord>(RunLayout.Run));
        Assert.Empty(_run.Lines<TrainingEpoch>(RunLayout.History));
        Assert.Null(_run.Text(RunLayout.Recipe));
        Assert.Null(_run.Features("block4", RunLayout.Neurons));
        Assert.Null(_run.Evidence("block4", RunLayout.Neurons, 0));
        Assert.Null(_run.Picture("features/block4/a.png"));
        Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => new RunFolderReader(Path.Combine(_folder, "none"))).Kind);
    }

    [Fact]
    public void What_a_stage_writes_is_found()
    {
        DocumentFile.Write(At(RunLayout.Evaluation), new EvaluationTable([new EvaluationRow("original", 0.5, 0.9, 1.5, 10)]));
        DocumentFile.WriteLines(
            At(RunLayout.OtherHistory("long")), [new TrainingEpoch(1, 0.1, new SplitScores(1, 0, 0), new SplitScores(1, 0, 0))]);
        DocumentFile.Write(At(RunLayout.Truth("features.18")), new TruthDocument(3, []));
        foreach (int number in (int[])[10, 2]) File.WriteAllText(At(RunLayout.Comparison("features.18", number)), "{}");
        Directory.CreateDirectory(At("dictionaries/block4/topk"));
        Directory.CreateDirectory(At("features/classes"));
        TableFile.Write(
            At($"{RunLayout.Units("block4", "topk")}/{FeatureTables.FeaturesName}"),
                [new FeatureRow { Unit = 4, Density = 0.25, Picture = "pictures-0.png", PictureLeft = 4, PictureTop = 76, PictureWidth = 64,
                    PictureHeight = 64 }]);
        Assert.Equal(["block4", "features.18"], _run.Layers);
        Assert.Equal(["long"], _run.OtherTrainings);
        Assert.Single(_run.Lines<TrainingEpoch>(RunLayout.OtherHistory("long")));
        Assert.Equal(0.5, _run.Find<EvaluationTable>(RunLayout.Evaluation)!.Rows[0].Top1);
        Assert.Equal(["topk"], _run.Dictionaries("block4"));
        Assert.Equal(["topk"], _run.Sources("block4"));
        Assert.Equal([2, 10], _run.Comparisons("features.18"));
        Assert.Equal(
            (4, 0.25, new StoredPicture("pictures-0.png", 4, 76, 64, 64)),
                _run.Features("block4", "topk")!.Select(row => (row.Unit, row.Density, row.PicturePlace()!)).Single());
    }

    [Fact]
    public void Only_the_rows_of_a_unit_are_given_and_other_shapes_are_refused()
    {
        string path = At($"{RunLayout.Units("block4", "topk")}/{EvidenceTensors.FileName}");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Safetensors.Write(path,
        [
            SafetensorsEntry.Of(EvidenceTensors.Histogram, new long[] { 1, 2, 3, 4, 5, 6 }, 3, 2),
            SafetensorsEntry.Of(EvidenceTensors.HistogramEdges, new float[] { 0, 1, 2 }),
            SafetensorsEntry.Of(EvidenceTensors.GridMean, new float[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 }, 3, 2, 2),
            SafetensorsEntry.Of(EvidenceTensors.GridRate, new float[12], 3, 2, 2),
        ], TensorSchema.Of(EvidenceTensors.Schema));
        UnitEvidence one = _run.Evidence("block4", "topk", 1)!;
        Assert.Equal([3, 4], one.Histogram);
        Assert.Equal([0, 1, 2], one.Edges);
        Assert.Equal([[5, 6], [7, 8]], one.GridMean);
        Assert.Empty(one.ClassMeans);
        Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => _run.Evidence("block4", "topk", 3)).Kind);
        Safetensors.Write(
            path, [SafetensorsEntry.Of(EvidenceTensors.Histogram, new long[] { 1, 2 }, 2)], TensorSchema.Of(EvidenceTensors.Schema));
        Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => _run.Evidence("block4", "topk", 0)).Kind);
    }

    [Theory]
    [InlineData("../outside.json")]
    [InlineData("/etc/passwd")]
    [InlineData("features/../../x")]
    [InlineData("")]
    public void An_address_that_leads_out_of_the_run_is_refused(string address)
    {
        Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => _run.Find<RunRecord>(address)).Kind);
        Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => _run.Picture(address)).Kind);
    }

    [Theory]
    [InlineData("../a.png", 0, 0, 8, 8)]
    [InlineData("/a.png", 0, 0, 8, 8)]
    [InlineData("a.png", -1, 0, 8, 8)]
    [InlineData("a.png", 0, 0, 0, 8)]
    [InlineData("a.png", 0, 0, 8, -8)]
    [InlineData("a.png", int.MaxValue, 0, 8, 8)]
    [InlineData("a.png", 0, null, 8, 8)]
    public void A_table_of_pictures_that_cannot_be_is_refused(string file, int? left, int? top, int? width, int? height)
    {
        string units = RunLayout.Units("block4", "topk");
        TableFile.Write(At($"{units}/{FeatureTables.FeaturesName}"),
            [new FeatureRow { Unit = 4 },
                new FeatureRow { Unit = 5, Picture = file, PictureLeft = left, PictureTop = top, PictureWidth = width,
                    PictureHeight = height }]);
        TableFile.Write(
            At($"{units}/{FeatureTables.ExamplesName}"),
                [new ExampleRow { Heat = file, HeatLeft = left, HeatTop = top, HeatWidth = width, HeatHeight = height }]);
        foreach (Action read in new Action[] { () => _run.Features("block4", "topk"), () => _run.Examples("block4", "topk") })
        {
            var refused = Assert.Throws<FoveaException>(read);
            Assert.Equal(FailureKind.Data, refused.Kind);
            Assert.Contains($"picture '{file}'", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Tables_and_tensors_of_another_schema_or_of_none_are_refused()
    {
        string table = At($"{RunLayout.Units("block4", "topk")}/{FeatureTables.FeaturesName}"), tensors = At(
            $"{RunLayout.Units("block4", "topk")}/{EvidenceTensors.FileName}");
        Directory.CreateDirectory(Path.GetDirectoryName(table)!);
        foreach ((Dictionary<string, string>? metadata,
            string said) in new[] { (new Dictionary<string, string> { ["schema"] = "99" }, "schema 99"), (null, "no schema number") })
        {
            await using (var file = File.Create(table)) await Parquet.Serialization.ParquetSerializer.SerializeAsync(
                [new FeatureRow { Unit = 4 }], file, null, metadata, TestContext.Current.CancellationToken);
            Safetensors.Write(tensors, [SafetensorsEntry.Of(EvidenceTensors.Histogram, new long[] { 1, 2 }, 1, 2)], metadata);
            foreach (Action read in new Action[] { () => _run.Features("block4", "topk"), () => _run.Evidence("block4", "topk", 0) })
            {
                FoveaException error = Assert.Throws<FoveaException>(read);
                Assert.Equal(FailureKind.Data, error.Kind);
                Assert.Contains(said, error.Message, StringComparison.Ordinal);
            }
        }
        TableFile.Write(table, [new FeatureRow { Unit = 4 }]);
        Assert.Equal(4, Assert.Single(_run.Features("block4", "topk")!).Unit);
    }

    [Fact]
    public void A_damaged_table_ends_in_a_sentence()
    {
        string path = At($"{RunLayout.Units("block4", "topk")}/{FeatureTables.FeaturesName}");
        TableFile.Write(path, [new FeatureRow { Unit = 4 }, new FeatureRow { Unit = 5 }]);
        byte[] bytes = File.ReadAllBytes(path);
        for (int length = 0; length < bytes.Length; length += 37)
        {
            File.WriteAllBytes(path, bytes[..length]);
            Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => _run.Features("block4", "topk")).Kind);
        }
    }

    private string At(string address) => Path.Combine(_folder, address);
}
