using Fovea.IO;
using Xunit;

namespace Fovea.Tests.IO;

public sealed class CommaSeparatedTests
{
    [Fact]
    public void Fields_of_any_text_come_back()
    {
        string[][] records =
        [
            ["plain", "with, comma", "with \"quotes\"", "two\nlines", ""], [" spaces ", "\r\n", "\"", "", "é世"], ["a", "", "", "", ""],
        ];
        string text = string.Concat(records.Select(record => CommaSeparated.Line(record)));
        Assert.Equal(records, CommaSeparated.Read(text, "t").Select(one => one.Fields.ToArray()));
        Assert.Equal(records, CommaSeparated.Read("\uFEFF" + text, "t").Select(one => one.Fields.ToArray()));
    }

    [Fact]
    public void Lines_are_counted_through_quotes_and_line_ends_may_be_any()
    {
        var records = CommaSeparated.Read("a,b\r\n\"1\n2\",x\r\n\r\nlast,", "t").ToArray();
        Assert.Equal([1, 2, 5], records.Select(one => one.Line));
        Assert.Equal(["1\n2", "x"], records[1].Fields);
        Assert.Equal(["last", ""], records[2].Fields);
    }

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("@a", "'@a")]
    [InlineData("'a", "''a")]
    [InlineData("a=1", "a=1")]
    [InlineData("", "")]
    [InlineData(null, null)]
    public void A_text_that_would_be_a_formula_is_guarded_and_comes_back(string? text, string? guarded)
    {
        Assert.Equal(guarded, CommaSeparated.Guarded(text));
        if (guarded is not null) Assert.Equal(text, CommaSeparated.Unguarded(guarded));
    }

    [Theory]
    [InlineData("a\n\"open", "line 2", "not closed")]
    [InlineData("\"a\"b,c\n", "line 1", "follows a closing quote")]
    public void What_is_no_table_is_said_with_its_line(string text, string line, string what)
    {
        var e = Assert.Throws<FoveaException>(() => CommaSeparated.Read(text, "notes.csv").ToArray());
        Assert.Equal(FailureKind.Data, e.Kind);
        Assert.Contains(line, e.Message, StringComparison.Ordinal);
        Assert.Contains(what, e.Message, StringComparison.Ordinal);
    }
}
