using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Fovea.Explorer.Server;

/// <summary>Reads what a browser or a program sends; it is no part of the run, and is taken for nothing but what it was asked for.</summary>
internal static class RequestBody
{
    /// <summary>A form, in memory alone: no part of it becomes a file.</summary>
    /// <param name="http">The request; how long its body may be was said before.</param>
    /// <param name="longest">Most bytes of it.</param>
    /// <exception cref="FoveaException">Configuration: it is none, or damaged.</exception>
    public static async Task<IFormCollection> FormAsync(HttpContext http, int longest = ExplorerServer.MostBytes)
    {
        if (!http.Request.HasFormContentType) throw FoveaException.BadConfiguration("This address takes a form.");
        try
        {
            return await http.Request.ReadFormAsync(
                new FormOptions { MultipartBodyLengthLimit = longest, MemoryBufferThreshold = longest }, http.RequestAborted);
        }
        catch (Exception e) when (e is InvalidDataException or (IOException and not BadHttpRequestException) && !http.RequestAborted.IsCancellationRequested)
        {
            throw FoveaException.BadConfiguration("This form cannot be read.", e);
        }
    }

    /// <summary>A body of JSON.</summary>
    /// <param name="http">The request; how long its body may be was said before.</param>
    /// <param name="expected">What is expected, as a sentence.</param>
    /// <exception cref="FoveaException">Configuration: it is something else.</exception>
    public static async Task<T> JsonAsync<T>(HttpContext http, string expected)
        where T : class
    {
        try
        {
            return await JsonSerializer.DeserializeAsync<T>(http.Request.Body, DocumentJson.Options, http.RequestAborted)
                ?? throw FoveaException.BadConfiguration(expected);
        }
        catch (JsonException e)
        {
            throw FoveaException.BadConfiguration(expected, e);
        }
    }
}
